// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of a move, once they are unmapped at the sender.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "capture.h"
#include "certificate.h"
#include "pages.h"
#include "settle.h"

/* Can nobody change the page, though others have it?  We hold one reference. */
static bool immutable(struct mach_capture *capture, struct page *page,
		      unsigned long addr)
{
	return !PageAnonExclusive(page) &&
	       (mach_explained(page_folio(page), 1) ||
		mach_certified(capture, page, addr));
}

/* A page of our own in place of one that somebody else might write to. */
static int replace(struct mach_capture *capture, unsigned long *entry)
{
	struct page *old = mach_entry_page(*entry);
	struct mach_pages pages = {};
	struct page *page;

	page = mach_pages_take(&pages);
	if (!page)
		return fatal_signal_pending(current) ? -EINTR : -ENOMEM;
	copy_highpage(page, old);
	put_page(old);
	*entry = (unsigned long)page | MACH_PAGE_OWN;
	capture->shared--;
	capture->copied[MACH_COPY_REFS]++;
	return 0;
}

/*
 * Entries from @entry on, @end at most, whose pages lie in one large folio:
 * if it has no more references than these, nobody else has the pages.
 * Returns the entry after them.
 */
static unsigned long *claim_run(unsigned long *entry, const unsigned long *end)
{
	struct folio *folio = page_folio(mach_entry_page(*entry));
	unsigned long *first = entry;

	while (entry < end && mach_entry_page(*entry) &&
	       page_folio(mach_entry_page(*entry)) == folio)
		entry++;
	if (folio_ref_count(folio) == entry - first) {
		while (first < entry)
			*first++ |= MACH_PAGE_OWN;
	}
	return entry;
}

static int settle_table(struct mach_capture *capture, unsigned long *entry,
			unsigned long addr, unsigned long pages)
{
	const unsigned long *end = entry + pages;
	unsigned long *next;
	struct page *page;
	int err;

	for (; entry < end; addr += (next - entry) * PAGE_SIZE, entry = next) {
		next = entry + 1;
		page = mach_entry_page(*entry);
		if (!page)
			continue;
		if (PageCompound(page)) {
			next = claim_run(entry, end);
		} else if (page_ref_count(page) == 1) {
			*entry |= MACH_PAGE_OWN;
		} else if (*entry & MACH_PAGE_OWN) {
			*entry &= ~MACH_PAGE_OWN;
			if (immutable(capture, page, addr))
				continue;
			err = replace(capture, entry);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Copies a huge page, one small page after the other, if it must be. */
static int settle_huge(struct mach_capture *capture, unsigned long chunk,
		       unsigned long addr)
{
	struct mach_memory *memory = capture->memory;
	unsigned long *word = &memory->chunks[chunk];
	struct page *head = mach_entry_page(*word);
	unsigned long *table;
	int i, err = 0;

	if (page_ref_count(head) == 1) {
		*word |= MACH_PAGE_OWN;
		return 0;
	}
	if (!(*word & MACH_PAGE_OWN))
		return 0;
	*word &= ~MACH_PAGE_OWN;
	if (immutable(capture, head, addr))
		return 0;
	table = mach_chunk_break(memory, chunk);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < MACH_CHUNK_PAGES && !err; i++)
		err = replace(capture, &table[i]);
	return err;
}

int mach_settle(struct mach_capture *capture)
{
	struct mach_memory *memory = capture->memory;
	unsigned long chunk, first, addr, *table;
	int err = 0;

	for (chunk = 0; chunk < memory->chunk_count && !err; chunk++) {
		first = mach_chunk_first(memory, chunk);
		addr = capture->start + (first << PAGE_SHIFT);
		table = mach_chunk_table(memory->chunks[chunk]);
		if (memory->chunks[chunk] & MACH_PAGE_HUGE)
			err = settle_huge(capture, chunk, addr);
		else if (table)
			err = settle_table(capture, table, addr,
					   mach_chunk_end(memory, chunk) -
					   first);
		cond_resched();
	}
	return err;
}
