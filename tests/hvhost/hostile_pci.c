// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks through a PCI bus that is offered repeatedly. With a function of the tests on it:
 * invalid messages between the host's own, while the guest starts the bus and before it is
 * rescinded. With a virtio network card: hostile_virtio.c.
 */
#include "hostile.h"
#include "proto/vpci.h"

#define DOMAIN	  0x60 /* of no other bus */
#define BUS_TIME  2000 /* ms until a bus is rescinded */
#define CARD_TIME 5000 /* the same with a card: its driver starts, and it is set up */
#define SIGNALS	  8    /* of a guest that starts a bus with a function: about as many */
#define NUMBERS	  16   /* of a bus and its messages */
#define MAX_NOISE 4000 /* bytes; Linux has a buffer of 256 at first */

static u8 text[MAX_NOISE];

/* Message I of this bus; 0 is the bus itself. */
static u32 number(const struct hostile *h, u32 i)
{
	return 1 + (h->round - 1) * NUMBERS + i;
}

static void fill(struct hostile *h, u32 len)
{
	for (u32 i = 0; i < len; i += 4)
		put32(text + i, hostile_draw(h, 1ull << 32));
}

static void say(struct hostile *h, u16 type, u64 id, u32 len)
{
	if (h->silent)
		return;
	hostile_tell(h, "packet of type %u, id %llx, %u bytes: 0x%x, 0x%x", type,
		     (unsigned long long)id, len, get32(text), get32(text + 4));
	channel_send(h->ch, type, 0, id, NULL, 0, text, len);
	h->packets++;
}

/* A message of MIN to MAX bytes, random but for the type. */
static void noise(struct hostile *h, u32 type, u32 min, u32 max)
{
	u32 len = min + hostile_draw(h, max - min + 1);

	fill(h, sizeof(text));
	put32(text, type);
	say(h, VM_PKT_DATA_INBAND, 0, len);
}

static void unknown_type(struct hostile *h)
{
	noise(h, hostile_draw(h, 2) ? PCI_BUS_RELATIONS + 32 + hostile_draw(h, 64) : hostile_op(h),
	      8, 240);
}

/* Types that only a guest may send. */
static void wrong_way(struct hostile *h)
{
	static const u32 types[] = {
		PCI_QUERY_BUS_RELATIONS, PCI_QUERY_RESOURCE_REQUIREMENTS, PCI_BUS_D0ENTRY,
		PCI_BUS_D0EXIT,		 PCI_EJECTION_COMPLETE,		  PCI_RESOURCES_ASSIGNED,
		PCI_RESOURCES_RELEASED,	 PCI_CREATE_INTERRUPT_MESSAGE3,
	};

	noise(h, types[hostile_draw(h, ARRAY_SIZE(types))], 8, 240);
}

/* The ring pads them with zeros: an EJECT would be one of the function in slot 0. */
static void too_short(struct hostile *h)
{
	noise(h, hostile_draw(h, 2) ? PCI_BUS_RELATIONS : PCI_BUS_RELATIONS2, 4, 7);
}

static void too_long(struct hostile *h)
{
	noise(h, hostile_op(h), 256, MAX_NOISE);
}

/* N descriptions of functions that do not exist, behind a count of COUNT. */
static void relations(struct hostile *h, u32 count, u32 n)
{
	u32 len = sizeof(struct pci_bus_relations) + n * sizeof(struct pci_function_description2);

	fill(h, len);
	put32(text, PCI_BUS_RELATIONS2);
	put32(text + 4, count);
	for (u32 i = 0; i < n; i++)
		/* of function 0, so that no EJECT below means one of them */
		put32(text + sizeof(struct pci_bus_relations) +
			      i * sizeof(struct pci_function_description2) +
			      offsetof(struct pci_function_description, slot),
		      1 + hostile_draw(h, 31));
	say(h, VM_PKT_DATA_INBAND, 0, len);
}

static void more_than_there_are(struct hostile *h)
{
	u32 n = hostile_draw(h, 5);

	relations(h, hostile_draw(h, 2) ? n + 1 + hostile_draw(h, 8) : hostile_op(h), n);
}

static void unknown_functions(struct hostile *h)
{
	u32 n = hostile_draw(h, 5);

	relations(h, n, n);
}

/*
 * Of a slot that no relations have: a second EJECT of a function in use queues the same work
 * twice (docs).
 */
static void eject_nothing(struct hostile *h)
{
	fill(h, 64);
	put32(text, PCI_EJECT);
	put32(text + 4, (hostile_draw(h, 2) ? hostile_op(h) : 0) | 1 << 5 | hostile_draw(h, 256));
	say(h, VM_PKT_DATA_INBAND, 0, 8 + 4 * hostile_draw(h, 14));
}

static void unasked_completion(struct hostile *h)
{
	fill(h, 64);
	say(h, VM_PKT_COMP, hostile_id(h), 8 + hostile_draw(h, 56));
}

/* With a small number, which may be that of a request that has no answer yet. */
static void wrong_completion(struct hostile *h)
{
	fill(h, 64);
	say(h, VM_PKT_COMP, 1 + hostile_draw(h, 16), 8 + hostile_draw(h, 56));
}

static void unknown_packet(struct hostile *h)
{
	fill(h, 64);
	say(h, 16 + hostile_draw(h, 0xfff0), hostile_id(h), 64);
}

static void pending_size(struct hostile *h)
{
	hostile_index(h, &h->ch->out, 12);
}

/* Before 5.0 the driver takes all of them as they are. */
const struct hostile_kind hostile_pci_kinds[] = {
	{ "messages of PCI of an unknown type", unknown_type, 1 },
	{ "messages of PCI that only a guest may send", wrong_way, 1 },
	{ "messages of PCI that are too short", too_short, 1 },
	{ "messages of PCI that are too long", too_long, 1 },
	{ "relations with more functions than there are", more_than_there_are, 1 },
	{ "relations of unknown functions", unknown_functions, 1 },
	{ "ejection of no function", eject_nothing, 1 },
	{ "unsolicited completions of PCI", unasked_completion, 1 },
	{ "wrong completions of PCI", wrong_completion, 1 },
	{ "packets of PCI of an unknown type", unknown_packet, 1 },
	{ "pending send sizes of PCI", pending_size, 1 },
	{ NULL, NULL, 0 },
};

static void inject(struct hostile *h, int attack)
{
	for (u32 n = h->pci_messages[attack]; n; n--)
		hostile_one_of(h, HOSTILE_PCI, number(h, ++h->pci_said), hostile_pci_kinds,
			       ARRAY_SIZE(hostile_pci_kinds) - 1);
	h->bus->ops->interrupt(h->bus->world, h->ch->vp, h->ch->relid);
}

/* The guest has sent something, which is answered before or after the attack. */
static void signalled(struct channel *ch)
{
	struct hostile *h = ((struct vpci *)ch->device)->arg;
	int attack = !h->card_plan && h->steps++ == h->after;

	if (attack && h->pci_first)
		inject(h, 0);
	h->normal->signal(ch);
	if (attack && !h->pci_first)
		inject(h, 0);
}

static void too_late(void *arg)
{
	struct hostile *h = arg;

	hostile_end(h, "the guest did not release a PCI bus");
}

static void end_of_bus(void *arg)
{
	struct hostile *h = arg;

	if (!h->card_plan && h->ch->state == CHANNEL_OPEN)
		inject(h, 1);
	vpci_withdraw(&h->pci);
	h->timer.fire = too_late;
	timer_set(h->loop, &h->timer, HOSTILE_LIMIT);
}

static void plug(struct hostile *h, struct pci_function *f)
{
	if (h->pci.function[0].f == f)
		return;
	if (h->pci.function[0].f)
		vpci_eject(&h->pci, 0); /* the guest does not have it */
	vpci_plug(&h->pci, 0, f);
}

static void offer_bus(struct hostile *h)
{
	if (h->card_plan)
		h->card_plan = 1 + h->round % HOSTILE_CARD_PLANS;
	plug(h, h->card_plan ? &h->card.function : &h->pci_function.f);
	if (vpci_offer(&h->pci, h->pci_root, DOMAIN)) {
		hostile_end(h, "no channel is free");
		return;
	}
	h->round++;
	h->ch = h->pci.ch;
	h->steps = h->pci_said = 0;
	if (h->card_plan)
		/* the card as a whole: what is read is up to the guest */
		hostile_number(h, HOSTILE_VIRTIO, h->round, "a virtio card");
	else
		hostile_number(h, HOSTILE_PCI, number(h, 0), "a PCI bus");
	h->after = hostile_draw(h, SIGNALS);
	h->pci_first = hostile_draw(h, 2);
	for (int i = 0; i < 2; i++)
		h->pci_messages[i] = 2 + hostile_draw(h, 6);
	h->normal = h->ch->ops;
	h->pci_ops = *h->normal;
	h->pci_ops.signal = signalled;
	h->ch->ops = &h->pci_ops;
	h->timer.fire = end_of_bus;
	timer_set(h->loop, &h->timer, h->card_plan ? CARD_TIME : BUS_TIME);
}

/* What the guest sent to this bus is not its fault. */
static void gone(void *arg)
{
	struct hostile *h = arg;

	h->ch = NULL;
	h->pci_root->bad = h->pci_before.bad;
	h->pci_root->refused = h->pci_before.refused;
	h->pci_root->lost = h->pci_before.lost;
	h->pci_root->entries = h->pci_before.entries;
	if (!h->rounds)
		return;
	if (h->round < h->rounds)
		offer_bus(h);
	else
		hostile_end(h, NULL);
}

static int begin(struct hostile *h, int rounds, int card)
{
	if (!h->pci_root || h->waiting || h->rounds || h->victim.ch || h->pci.ch)
		return -1;
	if (!h->pci_function.f.vendor)
		pci_test_init(&h->pci_function, vpci_raise, &h->pci);
	if (!h->card.device && hostile_card_init(h))
		return -1;
	h->pci.gone = gone;
	h->pci.arg = h;
	h->pci_before = *h->pci_root;
	hostile_hang_up(h);
	h->card_plan = card;
	h->rounds = rounds;
	h->round = 0;
	offer_bus(h);
	return 0;
}

int hostile_pci(struct hostile *h, int rounds)
{
	return begin(h, rounds, 0);
}

int hostile_virtio(struct hostile *h, int rounds)
{
	return begin(h, rounds, 1);
}
