// SPDX-License-Identifier: GPL-2.0
/*
 * The control plane of VMBus: versions, offers, GPADLs, channel states. Guest side:
 * drivers/hv/channel_mgmt.c, channel.c, connection.c. No I/O here: input comes through
 * vmbus_message(), output goes through struct vmbus_ops. A guest may post anything in
 * any order; invalid messages are counted in bad and dropped.
 */
#include "vmbus.h"
#include "proto/hv.h"

#define CONNECTION(relid) (0x2000 + (relid))

static const u32 versions[] = {
	VMBUS_VERSION(5, 3), VMBUS_VERSION(5, 2), VMBUS_VERSION(5, 1), VMBUS_VERSION(5, 0),
	VMBUS_VERSION(4, 1), VMBUS_VERSION(4, 0), VMBUS_VERSION(3, 0), VMBUS_VERSION(2, 4),
};

int vmbus_version_known(u32 version)
{
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i] == version)
			return 1;
	return 0;
}

void vmbus_send(struct vmbus *bus, const void *msg, u32 size)
{
	if (bus->tamper && bus->tamper(bus->hostile, msg, size))
		return;
	bus->ops->send(bus->world, bus->vp, msg, size);
}

/* The channel of a guest's message, if it has been offered. */
struct channel *vmbus_by_relid(struct vmbus *bus, u32 relid)
{
	struct channel *ch = relid < VMBUS_RELIDS ? &bus->channel[relid] : NULL;

	return ch && ch->state >= CHANNEL_OFFERED ? ch : NULL;
}

struct channel *vmbus_by_connection(struct vmbus *bus, u32 connection)
{
	return vmbus_by_relid(bus, connection - CONNECTION(0));
}

static void put_rings(struct channel *ch)
{
	vmbus_gpadl_put(ch, ch->gpadl);
	ch->gpadl = NULL;
}

/* A subchannel of PRIMARY with a relid after that of SUB; SUB is NULL for the first. */
static struct channel *next_subchannel(struct channel *primary, struct channel *sub)
{
	struct vmbus *bus = primary->bus;

	for (u32 relid = sub ? sub->relid + 1 : 1; relid < VMBUS_RELIDS; relid++)
		if (bus->channel[relid].state != CHANNEL_FREE &&
		    bus->channel[relid].primary == primary)
			return &bus->channel[relid];
	return NULL;
}

void vmbus_close(struct channel *ch)
{
	struct channel *sub = NULL;

	if (ch->state != CHANNEL_OPEN)
		return;
	while ((sub = next_subchannel(ch, sub)))
		vmbus_close(sub);
	ch->state = CHANNEL_OFFERED;
	ch->opening = 0;
	ch->bus->ops->doorbell(ch->bus->world, ch, 0);
	if (ch->ops->close)
		ch->ops->close(ch);
	put_rings(ch);
	ch->bus->closed++;
}

static void release(struct channel *ch)
{
	const struct channel_ops *ops = ch->ops;

	vmbus_close(ch);
	gpadl_drop_all(ch->bus, ch->relid);
	ch->state = CHANNEL_FREE;
	ops->released(ch);
}

/* The guest is gone or reconnects: drop its state, send no answers. */
static void disconnect(struct vmbus *bus)
{
	bus->version = 0;
	for (int i = 1; i < VMBUS_RELIDS; i++)
		if (bus->channel[i].state != CHANNEL_FREE && bus->channel[i].primary)
			release(&bus->channel[i]);
	for (int i = 1; i < VMBUS_RELIDS; i++) {
		struct channel *ch = &bus->channel[i];

		if (ch->state == CHANNEL_FREE)
			continue;
		vmbus_close(ch);
		if (ch->transient || ch->rescinded)
			release(ch);
		else
			ch->state = CHANNEL_HIDDEN;
	}
	gpadl_drop_all(bus, 0);
	bus->offered = 0;
}

static void announce(struct channel *ch)
{
	ch->state = CHANNEL_OFFERED;
	vmbus_send(ch->bus, &ch->offer, sizeof(ch->offer));
}

static int contact(struct vmbus *bus, const void *msg)
{
	const struct vmbus_channel_initiate_contact *contact = msg;
	struct vmbus_channel_version_response response = { .h.type = CHANNELMSG_VERSION_RESPONSE };

	disconnect(bus);
	bus->contacts++;
	bus->vp = contact->vp;
	if (vmbus_version_known(contact->version) && contact->version <= bus->max_version)
		bus->version = contact->version;
	if (bus->version) {
		response.supported = 1;
		if (!bus->first_version)
			bus->first_version = bus->version;
		/* from 5.0 on: the connection for all later messages */
		response.connection = bus->version >= VMBUS_VERSION(5, 0) ?
			VMBUS_MESSAGE_CONNECTION_ID :
			bus->version;
	}
	vmbus_send(bus, &response, sizeof(response));
	return 0;
}

static int request_offers(struct vmbus *bus, const void *msg)
{
	struct vmbus_channel_message_header all = { .type = CHANNELMSG_ALLOFFERS_DELIVERED };

	(void)msg;
	if (bus->offered)
		return -1;
	bus->offered = 1;
	for (int i = 1; i < VMBUS_RELIDS; i++)
		if (bus->channel[i].state == CHANNEL_HIDDEN)
			announce(&bus->channel[i]);
	vmbus_send(bus, &all, sizeof(all));
	return 0;
}

/* Take a reference to the GPADL and set up both rings on its pages. */
static int get_rings(struct channel *ch, const struct vmbus_channel_open_channel *open)
{
	struct gpadl *gpadl = vmbus_gpadl_get(ch, open->gpadl);

	ch->gpadl = gpadl;
	if (gpadl && open->downstream < gpadl->pages &&
	    !ring_init(&ch->in, gpadl->page, open->downstream) &&
	    !ring_init(&ch->out, gpadl->page + open->downstream, gpadl->pages - open->downstream))
		return 0;
	put_rings(ch);
	return -1;
}

static u32 open_channel(struct channel *ch, const struct vmbus_channel_open_channel *open)
{
	if (ch->state != CHANNEL_OFFERED || ch->rescinded || get_rings(ch, open))
		return VMBUS_STATUS_FAILED;
	ch->vp = open->vp;
	memcpy(ch->user, open->user, sizeof(ch->user));
	if (ch->bus->ops->doorbell(ch->bus->world, ch, 1)) {
		put_rings(ch);
		return VMBUS_STATUS_FAILED;
	}
	ch->state = CHANNEL_OPEN;
	ch->opening = ++ch->bus->openings;
	if (ch->ops->open && ch->ops->open(ch)) {
		vmbus_close(ch);
		return VMBUS_STATUS_FAILED;
	}
	ch->bus->opened++;
	ch->opens++;
	return VMBUS_STATUS_OK;
}

static int open_message(struct vmbus *bus, const void *msg)
{
	const struct vmbus_channel_open_channel *open = msg;
	struct channel *ch = vmbus_by_relid(bus, open->relid);
	struct vmbus_channel_open_result result = {
		.h.type = CHANNELMSG_OPENCHANNEL_RESULT,
		.relid = open->relid,
		.openid = open->openid,
	};

	if (!ch)
		return -1;
	result.status = open_channel(ch, open);
	vmbus_send(bus, &result, sizeof(result));
	/* the first packet of the device follows the answer */
	if (result.status == VMBUS_STATUS_OK && ch->ops->signal)
		ch->ops->signal(ch);
	return result.status ? -1 : 0;
}

static void rescind_subchannels(struct channel *ch)
{
	struct channel *sub = NULL;

	while ((sub = next_subchannel(ch, sub)))
		vmbus_rescind(sub);
}

static int close_message(struct vmbus *bus, const void *msg)
{
	struct channel *ch = vmbus_by_relid(bus, ((const struct vmbus_relid *)msg)->relid);

	if (!ch || ch->state != CHANNEL_OPEN)
		return -1;
	vmbus_close(ch);
	rescind_subchannels(ch);
	return 0;
}

/* A device goes after its subchannels, in whatever order the guest gives them back. */
static int released(struct vmbus *bus, const void *msg)
{
	struct channel *ch = vmbus_by_relid(bus, ((const struct vmbus_relid *)msg)->relid);
	struct channel *primary;

	if (!ch || !ch->rescinded || ch->given_back)
		return -1;
	bus->released++;
	ch->given_back = 1;
	primary = ch->primary;
	vmbus_close(ch);
	if (!next_subchannel(ch, NULL))
		release(ch);
	if (primary && primary->given_back && !next_subchannel(primary, NULL))
		release(primary);
	return 0;
}

static int unload(struct vmbus *bus, const void *msg)
{
	struct vmbus_channel_message_header response = { .type = CHANNELMSG_UNLOAD_RESPONSE };

	(void)msg;
	bus->unloads++;
	disconnect(bus);
	vmbus_send(bus, &response, sizeof(response));
	return 0;
}

static int tl_connect(struct vmbus *bus, const void *msg)
{
	bus->ops->tl_connect(bus->world, msg);
	return 0;
}

static int modify(struct vmbus *bus, const void *msg)
{
	const struct vmbus_channel_modifychannel *modify = msg;
	struct channel *ch = vmbus_by_relid(bus, modify->relid);
	struct vmbus_channel_modifychannel_response response = {
		.h.type = CHANNELMSG_MODIFYCHANNEL_RESPONSE,
		.relid = modify->relid,
	};

	if (!ch || ch->state != CHANNEL_OPEN)
		return -1;
	ch->vp = modify->vp;
	if (bus->version >= VMBUS_VERSION(5, 3))
		vmbus_send(bus, &response, sizeof(response));
	return 0;
}

static const struct {
	u32 size;
	int (*handle)(struct vmbus *bus, const void *msg);
	int (*handle_sized)(struct vmbus *bus, const void *msg, u32 size);
} messages[CHANNELMSG_COUNT] = {
	[CHANNELMSG_REQUESTOFFERS] = { sizeof(struct vmbus_channel_message_header), request_offers,
				       NULL },
	[CHANNELMSG_OPENCHANNEL] = { sizeof(struct vmbus_channel_open_channel), open_message,
				     NULL },
	[CHANNELMSG_CLOSECHANNEL] = { sizeof(struct vmbus_relid), close_message, NULL },
	[CHANNELMSG_GPADL_HEADER] = { sizeof(struct vmbus_channel_gpadl_header), NULL,
				      gpadl_header },
	[CHANNELMSG_GPADL_BODY] = { sizeof(struct vmbus_channel_gpadl_body), NULL, gpadl_body },
	[CHANNELMSG_GPADL_TEARDOWN] = { sizeof(struct vmbus_channel_gpadl_teardown), gpadl_teardown,
					NULL },
	[CHANNELMSG_RELID_RELEASED] = { sizeof(struct vmbus_relid), released, NULL },
	[CHANNELMSG_INITIATE_CONTACT] = { sizeof(struct vmbus_channel_initiate_contact), contact,
					  NULL },
	[CHANNELMSG_UNLOAD] = { sizeof(struct vmbus_channel_message_header), unload, NULL },
	[CHANNELMSG_TL_CONNECT_REQUEST] = { sizeof(struct vmbus_channel_tl_connect_request),
					    tl_connect, NULL },
	[CHANNELMSG_MODIFYCHANNEL] = { sizeof(struct vmbus_channel_modifychannel), modify, NULL },
};

u64 vmbus_message(struct vmbus *bus, u32 connection, const void *msg, u32 size)
{
	u32 type = size >= sizeof(struct vmbus_channel_message_header) ? get32(msg) : 0;
	u64 status;
	int rc = -1;

	/* INITIATE_CONTACT from 5.0 on; an older host rejects it, the guest then tries lower */
	if (connection != VMBUS_MESSAGE_CONNECTION_ID &&
	    (connection != VMBUS_MESSAGE_CONNECTION_ID_4 || bus->max_version < VMBUS_VERSION(5, 0)))
		return HV_STATUS_INVALID_CONNECTION_ID;
	status = bus->refuse && size >= sizeof(struct vmbus_relid) ?
		bus->refuse(bus->hostile, msg, size) :
		HV_STATUS_SUCCESS;
	if (status)
		return status;
	if (type < CHANNELMSG_COUNT && messages[type].size && size >= messages[type].size &&
	    (bus->version || type == CHANNELMSG_INITIATE_CONTACT || type == CHANNELMSG_UNLOAD))
		rc = messages[type].handle ? messages[type].handle(bus, msg) :
					     messages[type].handle_sized(bus, msg, size);
	if (rc < 0 && bus->provoked && size >= sizeof(struct vmbus_channel_message_header))
		rc = bus->provoked(bus->hostile, msg, size) - 1;
	bus->bad += rc < 0;
	return HV_STATUS_SUCCESS;
}

void vmbus_init(struct vmbus *bus, const struct vmbus_ops *ops, void *world)
{
	memset(bus, 0, sizeof(*bus));
	bus->ops = ops;
	bus->world = world;
	bus->max_version = versions[0];
}

void vmbus_free(struct vmbus *bus)
{
	disconnect(bus);
	for (int i = 1; i < VMBUS_RELIDS; i++)
		if (bus->channel[i].state != CHANNEL_FREE)
			release(&bus->channel[i]);
}

/* A channel of a device that is to be offered, or NULL: no relid is free. */
static struct channel *new_channel(struct vmbus *bus, const struct channel_ops *ops, void *device)
{
	struct channel *ch;
	u32 relid;

	for (relid = 1; relid < VMBUS_RELIDS; relid++)
		if (bus->channel[relid].state == CHANNEL_FREE)
			break;
	if (relid == VMBUS_RELIDS)
		return NULL;
	ch = &bus->channel[relid];
	memset(ch, 0, sizeof(*ch));
	ch->bus = bus;
	ch->relid = relid;
	ch->connection = CONNECTION(relid);
	ch->state = CHANNEL_HIDDEN;
	ch->ops = ops;
	ch->device = device;
	return ch;
}

struct channel *vmbus_offer(struct vmbus *bus, const struct guid *type, const struct guid *instance,
			    u16 flags, const u8 *user, u32 user_len, const struct channel_ops *ops,
			    void *device)
{
	struct channel *ch =
		user_len > sizeof(ch->offer.user) ? NULL : new_channel(bus, ops, device);

	if (!ch)
		return NULL;
	ch->transient = !!(flags & VMBUS_CHANNEL_TLNPI_PROVIDER_OFFER);
	ch->offer = (struct vmbus_channel_offer_channel){
		.h.type = CHANNELMSG_OFFERCHANNEL,
		.type = *type,
		.instance = *instance,
		.flags = flags,
		.relid = ch->relid,
		.dedicated = OFFER_DEDICATED,
		.connection = ch->connection,
	};
	if (user_len)
		memcpy(ch->offer.user, user, user_len);
	if (bus->offered)
		announce(ch);
	return ch;
}

struct channel *vmbus_offer_subchannel(struct channel *primary, u16 index,
				       const struct channel_ops *ops)
{
	struct channel *ch;

	if (primary->state != CHANNEL_OPEN || primary->rescinded)
		return NULL;
	ch = new_channel(primary->bus, ops, primary->device);
	if (!ch)
		return NULL;
	ch->primary = primary;
	ch->transient = 1;
	ch->offer = primary->offer;
	ch->offer.subchannel = index;
	ch->offer.relid = ch->relid;
	ch->offer.connection = ch->connection;
	announce(ch);
	return ch;
}

struct channel *vmbus_subchannel(struct channel *primary, u16 index)
{
	struct channel *sub = NULL;

	while ((sub = next_subchannel(primary, sub)))
		if (sub->offer.subchannel == index && !sub->rescinded)
			return sub;
	return NULL;
}

u32 vmbus_channels(struct vmbus *bus)
{
	u32 n = 0;

	for (int i = 1; i < VMBUS_RELIDS; i++)
		n += bus->channel[i].state >= CHANNEL_OFFERED && !bus->channel[i].rescinded;
	return n;
}

void vmbus_rescind(struct channel *ch)
{
	struct vmbus_relid rescind = { .h.type = CHANNELMSG_RESCIND_CHANNELOFFER,
				       .relid = ch->relid };

	if (ch->rescinded)
		return;
	if (ch->state == CHANNEL_HIDDEN) {
		release(ch);
		return;
	}
	rescind_subchannels(ch);
	ch->rescinded = 1;
	vmbus_send(ch->bus, &rescind, sizeof(rescind));
}
