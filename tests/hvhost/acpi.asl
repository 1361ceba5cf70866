/*
 * What the guest needs to find VMBus: the device is directly below \_SB and has its own
 * memory windows; none of its parents has memory resources. A kernel that walks from
 * here towards the root must stop at the root.
 */
DefinitionBlock ("dsdt.aml", "DSDT", 2, "HVHOST", "VMBUS", 1)
{
	Name (\_S5, Package () { 5, 0, 0, 0 })

	Scope (\_SB)
	{
		Device (VMBS)
		{
			/* a method: for a name iasl accepts only ids of seven or eight letters */
			Method (_HID) { Return ("VMBus") }
			Name (_UID, 0)
			Method (_STA) { Return (0x0f) }
			Name (_CRS, ResourceTemplate ()
			{
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					NonCacheable, ReadWrite,
					0, 0xe0000000, 0xefffffff, 0, 0x10000000)
				/* both are MEMORY_MMIO in memory.h */
				QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					NonCacheable, ReadWrite,
					0, 0x9ffe00000, 0xfffffffff, 0, 0x600200000)
			})
		}
	}
}
