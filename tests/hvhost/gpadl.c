// SPDX-License-Identifier: GPL-2.0
/*
 * GPADLs: lists of guest pages for rings and buffers, with a reference count. Guest side:
 * drivers/hv/channel.c.
 */
#include "vmbus.h"
#include <stdlib.h>

static struct gpadl *find_gpadl(struct vmbus *bus, u32 handle)
{
	for (int i = 0; handle && i < VMBUS_GPADLS; i++)
		if (bus->gpadl[i].handle == handle)
			return &bus->gpadl[i];
	return NULL;
}

static void drop_gpadl(struct gpadl *gpadl)
{
	free(gpadl->page);
	memset(gpadl, 0, sizeof(*gpadl));
}

void gpadl_drop_all(struct vmbus *bus, u32 relid)
{
	for (int i = 0; i < VMBUS_GPADLS; i++)
		if (bus->gpadl[i].handle && (!relid || bus->gpadl[i].relid == relid))
			drop_gpadl(&bus->gpadl[i]);
}

static void destroy_gpadl(struct vmbus *bus, struct gpadl *gpadl)
{
	struct vmbus_channel_gpadl_torndown torndown = {
		.h.type = CHANNELMSG_GPADL_TORNDOWN,
		.gpadl = gpadl->handle,
	};

	drop_gpadl(gpadl);
	/* no answer to a guest that has disconnected */
	if (bus->version)
		vmbus_send(bus, &torndown, sizeof(torndown));
}

struct gpadl *vmbus_gpadl_get(struct channel *ch, u32 handle)
{
	struct gpadl *gpadl = find_gpadl(ch->bus, handle);

	if (!gpadl || gpadl->relid != ch->relid || gpadl->have != gpadl->pages ||
	    gpadl->tearing_down)
		return NULL;
	gpadl->refs++;
	return gpadl;
}

void vmbus_gpadl_put(struct channel *ch, struct gpadl *gpadl)
{
	if (gpadl && --gpadl->refs == 0 && gpadl->tearing_down)
		destroy_gpadl(ch->bus, gpadl);
}

static void gpadl_created(struct vmbus *bus, u32 relid, u32 handle, u32 status)
{
	struct vmbus_channel_gpadl_created created = {
		.h.type = CHANNELMSG_GPADL_CREATED,
		.relid = relid,
		.gpadl = handle,
		.status = status,
	};

	vmbus_send(bus, &created, sizeof(created));
}

/* Add the page numbers of a message; answer after the last one. */
static int take_pages(struct vmbus *bus, struct gpadl *gpadl, const u8 *pfns, u32 bytes)
{
	u32 relid = gpadl->relid, handle = gpadl->handle;

	for (; bytes >= 8 && gpadl->have < gpadl->pages; bytes -= 8, pfns += 8) {
		u8 *page = bus->ops->page(bus->world, get64(pfns));

		if (!page) {
			drop_gpadl(gpadl);
			gpadl_created(bus, relid, handle, VMBUS_STATUS_FAILED);
			return -1;
		}
		gpadl->page[gpadl->have++] = page;
	}
	if (gpadl->have == gpadl->pages)
		gpadl_created(bus, relid, handle, VMBUS_STATUS_OK);
	return 0;
}

int gpadl_header(struct vmbus *bus, const void *msg, u32 size)
{
	const struct vmbus_channel_gpadl_header *header = msg;
	struct channel *ch = vmbus_by_relid(bus, header->relid);
	u32 pages = header->range_bytes >= 8 ? (header->range_bytes - 8) / 8 : 0;
	struct gpadl *gpadl = NULL;

	if (!ch || !header->gpadl || find_gpadl(bus, header->gpadl))
		return -1;
	for (int i = 0; !gpadl && i < VMBUS_GPADLS; i++)
		if (!bus->gpadl[i].handle)
			gpadl = &bus->gpadl[i];
	/* a single range */
	if (!gpadl || header->ranges != 1 || !pages || pages > VMBUS_GPADL_PAGES ||
	    header->byte_offset >= PAGE_SIZE ||
	    ALIGN((u64)header->byte_offset + header->byte_count, PAGE_SIZE) / PAGE_SIZE != pages) {
		gpadl_created(bus, header->relid, header->gpadl, VMBUS_STATUS_FAILED);
		return -1;
	}
	gpadl->page = calloc(pages, sizeof(*gpadl->page));
	if (!gpadl->page) {
		gpadl_created(bus, header->relid, header->gpadl, VMBUS_STATUS_FAILED);
		return -1;
	}
	gpadl->handle = header->gpadl;
	gpadl->relid = header->relid;
	gpadl->pages = pages;
	gpadl->byte_count = header->byte_count;
	gpadl->byte_offset = header->byte_offset;
	return take_pages(bus, gpadl, header->pfns, size - sizeof(*header));
}

int gpadl_body(struct vmbus *bus, const void *msg, u32 size)
{
	const struct vmbus_channel_gpadl_body *body = msg;
	struct gpadl *gpadl = find_gpadl(bus, body->gpadl);

	if (!gpadl || gpadl->have == gpadl->pages)
		return -1;
	return take_pages(bus, gpadl, body->pfns, size - sizeof(*body));
}

/*
 * A device may still use the pages of a buffer: the packet that revokes them is unread,
 * or the guest sent none. The answer is sent when the last reference is put. Teardown
 * of the rings of an open channel is invalid: the guest must close it first.
 */
int gpadl_teardown(struct vmbus *bus, const void *msg)
{
	const struct vmbus_channel_gpadl_teardown *teardown = msg;
	struct gpadl *gpadl = find_gpadl(bus, teardown->gpadl);

	if (!gpadl || gpadl->relid != teardown->relid || gpadl->tearing_down ||
	    bus->channel[gpadl->relid].gpadl == gpadl)
		return -1;
	gpadl->tearing_down = 1;
	if (!gpadl->refs)
		destroy_gpadl(bus, gpadl);
	return 0;
}
