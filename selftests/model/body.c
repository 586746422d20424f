// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of a message's body: sizes, descriptors, what data must say (spec
 * 1.3, 1.4, 3.1).
 */
#include <string.h>

#include "model.h"

#define PATTERN_BYTES	(64 * 1024)
#define PAGE_MASK	4095UL

/* Page-aligned, so that a stamp is an offset in a page as well. */
static __u8 pattern[PATTERN_BYTES] __attribute__((aligned(4096)));

const __u8 *m_pattern(__u32 stamp)
{
	__u32 i, word = 1;

	if (!pattern[0])
		for (i = 0; i < PATTERN_BYTES; i++) {
			word = word * 1664525 + 1013904223;
			pattern[i] = word >> 24 | (i == 0);
		}
	return &pattern[stamp];
}

__u64 m_region_bytes(const struct m_item *item)
{
	return ((__u64)item->number * item->bits + 7) / 8;
}

static bool is_inline(const struct m_item *item)
{
	return item->kind != M_REGION && item->kind != M_PORT_ARRAY;
}

static __u32 padded(__u64 bytes)
{
	return (bytes + MACH_MSG_ALIGN - 1) & -MACH_MSG_ALIGN;
}

__u32 m_item_bytes(const struct m_item *item)
{
	return 8 + (is_inline(item) ? padded(m_region_bytes(item)) : 8);
}

__u64 m_descriptor(const struct m_item *item, bool deallocate)
{
	return MACH_MSG_DESC(item->name, item->bits, item->number,
			     (is_inline(item) ? MACH_MSG_DESC_INLINE : 0) |
			     (item->longform ? MACH_MSG_DESC_LONGFORM : 0) |
			     (deallocate ? MACH_MSG_DESC_DEALLOCATE : 0));
}

/* ---- received ---- */

static bool is_zero(const __u8 *bytes, __u32 count)
{
	while (count--)
		if (*bytes++)
			return false;
	return true;
}

static bool region_fits(const struct m_item *item, __u64 address)
{
	__u64 bytes = m_region_bytes(item);

	if (!bytes)
		return address == 0;
	return (address & PAGE_MASK) == (item->stamp & PAGE_MASK) &&
	       !memcmp((const void *)address, m_pattern(item->stamp), bytes);
}

static bool inline_ports_fit(const struct m_item *item, const __u64 *words)
{
	__u32 i;

	for (i = 0; i < item->number; i++)
		if (words[i] >> 32)
			return false;
	return true;
}

static bool item_fits(const struct m_item *item, const __u8 *at)
{
	__u64 bytes = m_region_bytes(item);
	const __u64 *words = (const __u64 *)at;

	if (words[0] != m_descriptor(item, !is_inline(item)))
		return false;
	switch (item->kind) {
	case M_DATA:
		return !memcmp(words + 1, m_pattern(item->stamp), bytes) &&
		       is_zero(at + 8 + bytes, padded(bytes) - bytes);
	case M_PORT:
		return inline_ports_fit(item, words + 1);
	case M_REGION:
		return region_fits(item, words[1]);
	case M_PORT_ARRAY:
		return !item->number == !words[1];
	case M_NOTE:
		return words[1] == item->stamp;
	}
	return false;
}

bool m_body_fits(const struct m_message *message, const void *buffer)
{
	const __u8 *at = (const __u8 *)buffer + MACH_MSG_HEADER_SIZE;
	short i;

	if (!message->items)
		return !memcmp(at, m_pattern(message->item[0].stamp),
			       message->size - MACH_MSG_HEADER_SIZE);
	for (i = 0; i < message->items; i++) {
		if (!item_fits(&message->item[i], at))
			return false;
		at += m_item_bytes(&message->item[i]);
	}
	return true;
}

/* ---- names ---- */

struct names {
	__u32 count;
	struct m_right right[M_ITEMS * M_ELEMENTS];
	__u32 name[M_ITEMS * M_ELEMENTS];
};

static __u32 name_at(const struct m_item *item, const __u64 *words, __u32 i)
{
	if (item->kind == M_PORT)
		return words[1 + i];
	return ((const __u32 *)words[1])[i];
}

static void read_names(const struct m_message *message, const void *buffer,
		       struct names *names)
{
	const __u8 *at = (const __u8 *)buffer + MACH_MSG_HEADER_SIZE;
	const struct m_item *item;
	__u32 i;

	names->count = 0;
	for (item = message->item; item < message->item + message->items;
	     item++) {
		for (i = 0; i < item->number; i++) {
			if (item->kind != M_PORT && item->kind != M_PORT_ARRAY)
				break;
			names->right[names->count].port = item->port[i];
			names->right[names->count].type = item->name;
			names->name[names->count++] =
				name_at(item, (const __u64 *)at, i);
		}
		at += m_item_bytes(item);
	}
}

void m_give_body(struct model *m, short task, short message,
		 const void *buffer)
{
	struct names names;
	__u32 i;

	read_names(&m->message[message], buffer, &names);
	for (i = 0; i < names.count; i++)
		m_give(m, task, names.right[i], names.name[i]);
}

bool m_names_fit(struct model *m, short task, short message,
		 const void *buffer)
{
	struct names names;
	__u32 i, wanted;

	read_names(&m->message[message], buffer, &names);
	for (i = 0; i < names.count; i++) {
		wanted = m_given_name(m, task, names.right[i]);
		if ((wanted || names.right[i].port < 0) &&
		    names.name[i] != wanted)
			return false;
	}
	return true;
}
