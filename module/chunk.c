// SPDX-License-Identifier: GPL-2.0
/*
 * Chunks of memory objects: their tables, and the end of their pages.
 */
#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "chunk.h"

/* An object of so few pages has room for its entries. */
#define INLINE_ENTRIES	64

static bool has_inline_entries(const struct mach_memory *memory)
{
	return memory->count <= INLINE_ENTRIES;
}

size_t mach_chunk_object_size(unsigned long chunks, unsigned long pages)
{
	if (pages > INLINE_ENTRIES)
		pages = 0;
	return offsetof(struct mach_memory, chunks) +
	       (chunks + pages) * sizeof(unsigned long);
}

static unsigned long chunk_pages(const struct mach_memory *memory,
				 unsigned long chunk)
{
	return mach_chunk_end(memory, chunk) - mach_chunk_first(memory, chunk);
}

static unsigned long *alloc_table(struct mach_memory *memory,
				  unsigned long chunk)
{
	if (has_inline_entries(memory))
		return memory->chunks + memory->chunk_count +
		       mach_chunk_first(memory, chunk);
	return kmalloc_array(chunk_pages(memory, chunk), sizeof(unsigned long),
			     GFP_KERNEL_ACCOUNT);
}

static void free_table(struct mach_memory *memory, unsigned long *table)
{
	if (!has_inline_entries(memory))
		kfree(table);
}

struct page *mach_chunk_get_page(struct mach_memory *memory,
				 unsigned long index)
{
	struct page *page;

	spin_lock(&memory->lock);
	page = mach_entry_page(mach_memory_entry(memory, index));
	if (page)
		get_page(page);
	spin_unlock(&memory->lock);
	return page;
}

/* Under the mmap lock for writing of the mm whose page tables show the page. */
void mach_chunk_disown(struct mach_memory *memory, unsigned long index)
{
	unsigned long chunk = mach_chunk_of(memory, index);
	unsigned long *entry = &memory->chunks[chunk];
	unsigned long *table = mach_chunk_table(READ_ONCE(*entry));

	if (table)
		entry = &table[index - mach_chunk_first(memory, chunk)];
	if (test_bit(MACH_PAGE_OWN_BIT, entry))
		clear_bit(MACH_PAGE_OWN_BIT, entry);
}

unsigned long *mach_chunk_open(struct mach_memory *memory, unsigned long chunk)
{
	unsigned long word = memory->chunks[chunk];
	unsigned long *table = mach_chunk_table(word);
	unsigned long i, pages = chunk_pages(memory, chunk);

	if (table)
		return table;
	table = alloc_table(memory, chunk);
	if (!table)
		return NULL;
	for (i = 0; i < pages; i++)
		table[i] = word;
	/* Its words before the table: readers come without a lock. */
	smp_store_release(&memory->chunks[chunk], (unsigned long)table);
	return table;
}

void mach_chunk_open_small(struct mach_memory *memory)
{
	unsigned long chunk;

	if (!has_inline_entries(memory))
		return;
	for (chunk = 0; chunk < memory->chunk_count; chunk++)
		mach_chunk_open(memory, chunk);
}

/* What the entries say about what the word says; references and all. */
static void fill_table(unsigned long *table, unsigned long pages,
		       unsigned long word)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		table[i] = word ? (unsigned long)(mach_entry_page(word) + i) |
				  (word & MACH_PAGE_OWN) : 0;
	if (word)
		folio_ref_add(page_folio(mach_entry_page(word)), pages - 1);
}

static void undo_fill(unsigned long pages, unsigned long word)
{
	if (word)
		folio_put_refs(page_folio(mach_entry_page(word)), pages - 1);
}

/*
 * Two may break a chunk at once; one of them wins.  A huge page that loses its
 * OWN meanwhile makes both try again.  The chunks of a small object are never
 * broken: they are tables from the start.
 */
unsigned long *mach_chunk_break(struct mach_memory *memory,
				unsigned long chunk)
{
	unsigned long word = READ_ONCE(memory->chunks[chunk]);
	unsigned long pages = chunk_pages(memory, chunk);
	unsigned long *table = NULL, *found;
	unsigned long seen;

	for (;;) {
		found = mach_chunk_table(word);
		if (found) {
			if (table)
				free_table(memory, table);
			return found;
		}
		if (!table)
			table = alloc_table(memory, chunk);
		if (!table)
			return NULL;
		fill_table(table, pages, word);
		seen = cmpxchg(&memory->chunks[chunk], word,
			       (unsigned long)table);
		if (seen == word)
			return table;
		undo_fill(pages, word);
		word = seen;
	}
}

/*
 * Drop the references of the entries from @i on that lie in one large folio,
 * at once.  Returns the entry after them.
 */
static unsigned long put_run(struct folio *folio, unsigned long *table,
			     unsigned long i, unsigned long pages)
{
	unsigned long first = i;

	for (i++; i < pages; i++) {
		if (!mach_entry_page(table[i]) || (table[i] & MACH_PAGE_TODO) ||
		    page_folio(mach_entry_page(table[i])) != folio)
			break;
	}
	folio_put_refs(folio, i - first);
	return i;
}

/*
 * Pages that are ours alone are gathered at the front of the table and freed
 * together, which is cheaper; of others a reference goes, which is cheaper one
 * by one.
 */
static void put_table(unsigned long *table, unsigned long pages)
{
	unsigned long i = 0, own = 0, entry;
	struct folio *folio;

	while (i < pages) {
		entry = table[i];
		if (entry <= MACH_PAGE_FLAGS || (entry & MACH_PAGE_TODO)) {
			i++;
			continue;
		}
		folio = page_folio(mach_entry_page(entry));
		if (folio_test_large(folio)) {
			i = put_run(folio, table, i, pages);
			continue;
		}
		if (entry & MACH_PAGE_OWN)
			table[own++] = (unsigned long)&folio->page;
		else
			folio_put(folio);
		i++;
	}
	if (own)
		release_pages((struct page **)table, own);
}

static void free_chunk(struct mach_memory *memory, unsigned long chunk)
{
	unsigned long word = memory->chunks[chunk];
	unsigned long *table = mach_chunk_table(word);

	if (!word || (word & MACH_PAGE_TODO))
		return;
	if (word & MACH_PAGE_HUGE) {
		put_page(mach_entry_page(word));
		return;
	}
	put_table(table, chunk_pages(memory, chunk));
	free_table(memory, table);
}

void mach_chunk_free_all(struct mach_memory *memory)
{
	unsigned long chunk;

	for (chunk = 0; chunk < memory->chunk_count; chunk++) {
		free_chunk(memory, chunk);
		cond_resched();
	}
}
