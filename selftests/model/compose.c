// SPDX-License-Identifier: GPL-2.0
/*
 * Random messages, and their bytes.
 */
#include <string.h>
#include <sys/mman.h>

#include "walk.h"

#define COMPLEX		MACH_MSGH_BITS_COMPLEX
/* Bits of the header that mean nothing to a sender. */
#define IDLE_BITS	0x7fff0000U
#define BAD_ADDRESS	8UL
#define MAX_REGION	40000

/* What can be wrong with a message as such. */
enum damage {
	NO_DAMAGE,
	NO_HEADER,		/* shorter than a header */
	ODD_SIZE,
	UNUSED_BITS,		/* in the last descriptor */
	INLINE_DEALLOCATE,
	PORT_BITS,		/* rights of another size */
	SHORT_ITEM,		/* the last item runs past the end */
	DAMAGES
};

/* ---- header ---- */

static __u32 sending_disposition(struct walk *w, __u32 types)
{
	__u32 from[5], count = 0;

	if (types & MACH_PORT_TYPE_SEND) {
		from[count++] = MACH_MSG_TYPE_COPY_SEND;
		from[count++] = MACH_MSG_TYPE_MOVE_SEND;
	}
	if (types & MACH_PORT_TYPE_RECEIVE) {
		from[count++] = MACH_MSG_TYPE_MAKE_SEND;
		from[count++] = MACH_MSG_TYPE_MAKE_SEND_ONCE;
	}
	if (types & MACH_PORT_TYPE_SEND_ONCE)
		from[count++] = MACH_MSG_TYPE_MOVE_SEND_ONCE;
	if (!count)
		return MACH_MSG_TYPE_MOVE_SEND + pick_below(w, 5);
	return from[pick_below(w, count)];
}

static __u32 types_of(struct walk *w, short task, __u32 name)
{
	const struct m_entry *entry = m_find(&w->m, task, name);

	return entry ? entry->type : 0;
}

static void choose_dest(struct walk *w, short task, struct m_send_plan *plan)
{
	plan->dest = pick_name(w, task, MACH_PORT_TYPE_SEND |
					MACH_PORT_TYPE_SEND_ONCE |
					MACH_PORT_TYPE_RECEIVE);
	plan->dest_type = sending_disposition(w, types_of(w, task,
							  plan->dest));
	if (pick_chance(w, 2))
		plan->dest_type = pick_below(w, 26);
}

static void choose_reply(struct walk *w, short task, struct m_send_plan *plan)
{
	__u32 which = pick_below(w, 100);

	if (which < 45)
		return;
	if (which < 50) {
		plan->reply = which & 1 ? MACH_PORT_NULL : MACH_PORT_DEAD;
		plan->reply_type = MACH_MSG_TYPE_MOVE_SEND + pick_below(w, 5);
	} else if (which < 60) {
		/* K17 */
		plan->reply = plan->dest;
		plan->reply_type = sending_disposition(w, types_of(w, task,
							plan->dest));
	} else {
		plan->reply = pick_name(w, task, ~MACH_PORT_TYPE_PORT_SET);
		plan->reply_type = sending_disposition(w, types_of(w, task,
							plan->reply));
	}
	if (pick_chance(w, 2))
		plan->reply_type = pick_below(w, 26);
}

/* ---- body ---- */

static void choose_data(struct walk *w, struct m_item_plan *plan)
{
	static const __u8 names[] = {
		0, 1, 2, 3, 8, 9, 10, 11, 12, 14, 15, 22, 23, 24, 255,
	};
	static const __u8 bits[] = { 1, 3, 8, 8, 16, 32, 32, 64 };

	plan->item.name = names[pick_below(w, sizeof(names))];
	plan->item.bits = bits[pick_below(w, sizeof(bits))];
	plan->item.number = pick_below(w, 10);
	plan->item.stamp = pick_below(w, 4096);
}

static void choose_region(struct walk *w, struct m_item_plan *plan)
{
	__u32 which = pick_below(w, 100);

	plan->item.name = MACH_MSG_TYPE_BYTE;
	plan->item.bits = 8;
	if (which < 80)
		plan->item.number = pick_below(w, 200);
	else if (which < 95)
		plan->item.number = pick_below(w, 9000);
	else
		plan->item.number = pick_below(w, MAX_REGION);
	plan->item.stamp = pick_below(w, 5000);
	plan->deallocate = pick_chance(w, 25);
}

static void choose_rights(struct walk *w, short task,
			  struct m_item_plan *plan)
{
	__u32 disposition, i;

	plan->item.number = 1;
	if (pick_chance(w, 35))
		plan->item.number = pick_below(w, M_ELEMENTS + 1);
	plan->item.bits = plan->item.kind == M_PORT ?
		MACH_MSG_PORT_INLINE_BITS : MACH_MSG_PORT_OOL_BITS;
	plan->names[0] = pick_right(w, task, &disposition);
	plan->item.name = disposition;
	for (i = 1; i < plan->item.number; i++)
		plan->names[i] = pick_name(w, task,
			disposition == MACH_MSG_TYPE_COPY_SEND ||
			disposition == MACH_MSG_TYPE_MOVE_SEND ?
			MACH_PORT_TYPE_SEND :
			disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ?
			MACH_PORT_TYPE_SEND_ONCE : MACH_PORT_TYPE_RECEIVE);
	if (plan->item.number && pick_chance(w, 6))
		plan->names[pick_below(w, plan->item.number)] =
			pick_chance(w, 50) ? MACH_PORT_NULL : MACH_PORT_DEAD;
	plan->deallocate = plan->item.kind == M_PORT_ARRAY &&
			   pick_chance(w, 25);
}

static void choose_item(struct walk *w, short task, struct m_item_plan *plan)
{
	static const enum m_kind kinds[] = {
		M_DATA, M_DATA, M_PORT, M_PORT, M_PORT, M_PORT, M_PORT,
		M_REGION, M_PORT_ARRAY, M_PORT_ARRAY,
	};

	plan->item.kind = kinds[pick_below(w, 10)];
	plan->item.longform = pick_chance(w, 20);
	if (plan->item.kind == M_DATA)
		choose_data(w, plan);
	else if (plan->item.kind == M_REGION)
		choose_region(w, plan);
	else
		choose_rights(w, task, plan);
	if ((plan->item.kind == M_REGION ||
	     plan->item.kind == M_PORT_ARRAY) && plan->item.number)
		plan->bad_address = pick_chance(w, 4);
}

static void choose_damage(struct walk *w, struct m_send_plan *plan)
{
	const struct m_item *last = &plan->item[plan->items - 1].item;
	enum damage damage = 1 + pick_below(w, DAMAGES - 1);

	plan->malformed = MACH_SEND_MSG_TOO_SMALL;
	if (damage == NO_HEADER) {
		plan->size = pick_below(w, 4) * 8;
	} else if (damage == ODD_SIZE) {
		plan->size -= 1 + pick_below(w, 7);
	} else if (!plan->items) {
		plan->malformed = 0;
		damage = NO_DAMAGE;
	} else if (damage == SHORT_ITEM && m_item_bytes(last) > 8) {
		plan->size -= 8;
	} else {
		plan->malformed = MACH_SEND_INVALID_TYPE;
		if (damage == INLINE_DEALLOCATE && last->kind != M_PORT &&
		    last->kind != M_DATA)
			damage = UNUSED_BITS;
		if (damage == PORT_BITS && last->kind != M_PORT &&
		    last->kind != M_PORT_ARRAY)
			damage = UNUSED_BITS;
		if (damage == SHORT_ITEM)
			damage = UNUSED_BITS;
	}
	plan->damage = damage;
}

static void choose_body(struct walk *w, short task, struct m_send_plan *plan)
{
	short i;

	plan->size = MACH_MSG_HEADER_SIZE;
	plan->complex = pick_chance(w, 60);
	if (!plan->complex) {
		plan->size += 8 * pick_below(w, pick_chance(w, 70) ? 3 : 30);
		plan->item[0].item.stamp = pick_below(w, 4096);
		return;
	}
	plan->items = pick_below(w, M_ITEMS + 1);
	for (i = 0; i < plan->items; i++) {
		choose_item(w, task, &plan->item[i]);
		plan->size += m_item_bytes(&plan->item[i].item);
	}
}

/* ---- options ---- */

/* The receive right to which the destination's request would be told. */
static __u32 cancelled_by(struct walk *w, short task, __u32 dest)
{
	const struct m_entry *entry = m_find(&w->m, task, dest);

	if (!entry || entry->dn == M_NULL || !m_alive(&w->m, entry->dn) ||
	    w->m.port[entry->dn].task != task)
		return MACH_PORT_NULL;
	return w->m.port[entry->dn].name;
}

static void choose_options(struct walk *w, short task,
			   struct m_send_plan *plan)
{
	plan->option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
	plan->notify = pick_name(w, task, MACH_PORT_TYPE_RECEIVE);
	if (pick_chance(w, 20)) {
		plan->option |= MACH_SEND_NOTIFY;
		if (pick_chance(w, 50))
			plan->option &= ~MACH_SEND_TIMEOUT;
	}
	if (pick_chance(w, 10)) {
		plan->option |= MACH_SEND_CANCEL;
		if (pick_chance(w, 60) && cancelled_by(w, task, plan->dest))
			plan->notify = cancelled_by(w, task, plan->dest);
	}
	/* MACH_SEND_ALWAYS of Mach's own kernel must not help. */
	if (pick_chance(w, 10))
		plan->option |= 0x10000;
}

void compose(struct walk *w, short task, struct m_send_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->id = 0x01000000 + w->m.step;
	choose_dest(w, task, plan);
	choose_reply(w, task, plan);
	choose_body(w, task, plan);
	choose_options(w, task, plan);
	if (pick_chance(w, 2))
		choose_damage(w, plan);
}

/* ---- bytes ---- */

/* The data in memory that a send will take away. */
static const void *movable(struct compose_memory *memory, short i,
			   const void *data, __u64 bytes, __u64 offset)
{
	char *page;

	memory->bytes[i] = (offset + bytes + MT_PAGE - 1) & -MT_PAGE;
	page = mmap(NULL, memory->bytes[i], PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mt_check(page != MAP_FAILED);
	memcpy(page + offset, data, bytes);
	memory->page[i] = page;
	return page + offset;
}

static __u64 address_of(const struct m_item_plan *plan,
			struct compose_memory *memory, short i)
{
	const struct m_item *item = &plan->item;
	__u64 bytes = m_region_bytes(item), offset = 0;
	const void *data = plan->names;

	if (item->kind == M_REGION) {
		data = m_pattern(item->stamp);
		offset = item->stamp % MT_PAGE;
	}
	/* O15: of no memory any address will do. */
	if (plan->bad_address || !bytes)
		return BAD_ADDRESS;
	if (plan->deallocate)
		data = movable(memory, i, data, bytes, offset);
	return (unsigned long)data;
}

static void put_item(struct walk *w, const struct m_item_plan *plan,
		     struct compose_memory *memory, short i, __u64 *words)
{
	__u64 junk = pick_random(w) << 32;
	__u32 j;

	words[0] = m_descriptor(&plan->item, plan->deallocate);
	switch (plan->item.kind) {
	case M_DATA:
		memcpy(words + 1, m_pattern(plan->item.stamp),
		       m_region_bytes(&plan->item));
		break;
	case M_PORT:
		for (j = 0; j < plan->item.number; j++)
			words[1 + j] = junk | plan->names[j];
		break;
	default:
		words[1] = address_of(plan, memory, i);
	}
}

static void damage(const struct m_send_plan *plan, __u64 *descriptor)
{
	switch (plan->damage) {
	case UNUSED_BITS:
		*descriptor |= 0x01000000ULL << plan->id % 5;
		break;
	case INLINE_DEALLOCATE:
		*descriptor |= MACH_MSG_DESC_DEALLOCATE;
		break;
	case PORT_BITS:
		*descriptor ^= 96ULL << MACH_MSG_DESC_SIZE_SHIFT;
		break;
	}
}

void compose_bytes(struct walk *w, const struct m_send_plan *plan,
		   struct compose_memory *memory, void *buffer)
{
	struct mach_wire_header *head = buffer;
	__u64 junk = pick_random(w);
	__u8 *at = (__u8 *)(head + 1), *last = NULL;
	short i;

	memset(memory, 0, sizeof(*memory));
	memset(buffer, MT_POISON, M_ROOM);
	head->bits = MACH_MSGH_BITS(plan->dest_type, plan->reply_type) |
		     (plan->complex ? COMPLEX : 0) | (junk & IDLE_BITS);
	head->remote_port = junk << 32 | plan->dest;
	head->local_port = junk << 32 | plan->reply;
	head->id = plan->id;
	if (!plan->complex)
		memcpy(at, m_pattern(plan->item[0].item.stamp),
		       M_ROOM - sizeof(*head));
	for (i = 0; i < plan->items; i++) {
		put_item(w, &plan->item[i], memory, i, (__u64 *)at);
		last = at;
		at += m_item_bytes(&plan->item[i].item);
	}
	if (plan->damage && last)
		damage(plan, (__u64 *)last);
}

/* ---- words ---- */

static void say_item(struct walk *w, const struct m_item_plan *plan)
{
	static const char *const kinds[] = {
		"data", "port", "region", "port array", "note",
	};
	__u32 i;

	walk_say(w, " [%s name %u bits %u number %u%s%s%s", kinds[plan->item.kind],
		 plan->item.name, plan->item.bits, plan->item.number,
		 plan->deallocate ? " deallocate" : "",
		 plan->bad_address ? " bad address" : "",
		 plan->item.kind == M_PORT ||
		 plan->item.kind == M_PORT_ARRAY ? ":" : "");
	if (plan->item.kind == M_PORT || plan->item.kind == M_PORT_ARRAY)
		for (i = 0; i < plan->item.number; i++)
			walk_say(w, " %#x", plan->names[i]);
	walk_say(w, "]");
}

void compose_say(struct walk *w, const struct m_send_plan *plan)
{
	short i;

	walk_say(w, " send id %#x to %#x as %u, reply %#x as %u, size %u%s",
		 plan->id, plan->dest, plan->dest_type, plan->reply,
		 plan->reply_type, plan->size,
		 plan->complex ? " complex" : "");
	for (i = 0; i < plan->items; i++)
		say_item(w, &plan->item[i]);
	if (plan->option & (MACH_SEND_NOTIFY | MACH_SEND_CANCEL))
		walk_say(w, "%s%s notify %#x",
			 plan->option & MACH_SEND_NOTIFY ? " NOTIFY" : "",
			 plan->option & MACH_SEND_CANCEL ? " CANCEL" : "",
			 plan->notify);
	if (plan->damage)
		walk_say(w, " damage %d", plan->damage);
}

/* ---- received ---- */

void compose_unmap(const void *buffer)
{
	const struct mach_wire_header *head = buffer;
	const __u8 *at = (const __u8 *)(head + 1);
	const __u8 *end = (const __u8 *)buffer + head->size;
	__u64 desc, bytes, address;

	while (head->bits & COMPLEX && at < end) {
		memcpy(&desc, at, sizeof(desc));
		memcpy(&address, at + 8, sizeof(address));
		bytes = ((desc >> MACH_MSG_DESC_NUMBER_SHIFT) *
			 (desc >> MACH_MSG_DESC_SIZE_SHIFT &
			  MACH_MSG_DESC_SIZE_MASK) + 7) / 8;
		at += 8;
		if (desc & MACH_MSG_DESC_INLINE) {
			at += (bytes + 7) & -8ULL;
			continue;
		}
		at += 8;
		if (!bytes)
			continue;
		bytes += address % MT_PAGE;
		mt_unmap((void *)(address & -MT_PAGE),
			 (bytes + MT_PAGE - 1) & -MT_PAGE);
	}
}
