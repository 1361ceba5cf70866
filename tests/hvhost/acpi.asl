/*
 * What the guest needs to find VMBus: the device straight under \_SB with its
 * own window of addresses and no parent that lists memory. A kernel that walks
 * from there to the root of the tree must know where to stop.
 */
DefinitionBlock ("dsdt.aml", "DSDT", 2, "HVHOST", "VMBUS", 1)
{
	Name (\_S5, Package () { 5, 0, 0, 0 })

	Scope (\_SB)
	{
		Device (VMBS)
		{
			/* a method: as a name iasl takes only ids of seven or eight letters */
			Method (_HID) { Return ("VMBus") }
			Name (_UID, 0)
			Method (_STA) { Return (0x0f) }
			Name (_CRS, ResourceTemplate ()
			{
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					NonCacheable, ReadWrite,
					0, 0xe0000000, 0xefffffff, 0, 0x10000000)
			})
		}
	}
}
