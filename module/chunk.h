/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chunks: how a memory object holds its pages.
 *
 * A chunk stands for the pages that one page table of the sender covered (2
 * MiB on x86); the first and the last chunk of an object may lack some.  The
 * object has one word for each chunk:
 *
 *   0			all of it is a hole
 *   page | HUGE	the head of a huge page that is the whole chunk; one
 *			reference
 *   table		the address of the chunk's entries, one for each page
 *   reason | TODO	only during the capture: all of it is still to be done
 *
 * and an entry is
 *
 *   0			a hole
 *   page		one reference
 *   reason | TODO	only during the capture
 *
 * Huge pages and pages in entries may be OWN.  So a region of huge pages costs
 * one word for 2 MiB, one of small pages 8 bytes a page.
 *
 * Who may change a word or an entry: the capture, alone, until the object is
 * published (but other captures of the mm read it, see certificate.h).  Then
 * OWN is cleared, with an atomic bit operation, under the mmap lock for
 * writing of an mm that maps the object (the only one, while OWN matters);
 * a huge page or a hole becomes a table, by one exchange of the word
 * (mach_chunk_break); and the receiver, while he alone maps the object, may
 * replace an entry by a page of its own with the same content, under the lock
 * of the only PTE that can show it and under memory->lock (fill.c).  A table
 * stays until the object is freed.  A small object has nothing but tables,
 * which lie behind its words.
 */
#ifndef MACH_CHUNK_H
#define MACH_CHUNK_H

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "memory.h"

enum {
	MACH_PAGE_OWN_BIT,	/* nobody else has the page */
	MACH_PAGE_HUGE_BIT,	/* in a chunk's word only */
	MACH_PAGE_TODO_BIT,
};

#define MACH_PAGE_OWN		(1UL << MACH_PAGE_OWN_BIT)
#define MACH_PAGE_HUGE		(1UL << MACH_PAGE_HUGE_BIT)
#define MACH_PAGE_TODO		(1UL << MACH_PAGE_TODO_BIT)
#define MACH_PAGE_FLAGS		0x7UL
#define MACH_TODO_SHIFT		8

#define MACH_CHUNK_PAGES	((unsigned long)PTRS_PER_PTE)

static inline struct page *mach_entry_page(unsigned long entry)
{
	return (struct page *)(entry & ~MACH_PAGE_FLAGS);
}

static inline unsigned long mach_entry_todo(unsigned int reason)
{
	return MACH_PAGE_TODO | ((unsigned long)reason << MACH_TODO_SHIFT);
}

static inline unsigned int mach_entry_reason(unsigned long entry)
{
	return entry >> MACH_TODO_SHIFT;
}

/* The entries behind a chunk's word, or NULL if it is no table. */
static inline unsigned long *mach_chunk_table(unsigned long word)
{
	return word & MACH_PAGE_FLAGS ? NULL : (unsigned long *)word;
}

/* In which chunk the object's page @index lies. */
static inline unsigned long mach_chunk_of(const struct mach_memory *memory,
					  unsigned long index)
{
	return (memory->lead + index) / MACH_CHUNK_PAGES;
}

/* The chunk's first page, and the page after its last. */
static inline unsigned long mach_chunk_first(const struct mach_memory *memory,
					     unsigned long chunk)
{
	return chunk ? chunk * MACH_CHUNK_PAGES - memory->lead : 0;
}

static inline unsigned long mach_chunk_end(const struct mach_memory *memory,
					   unsigned long chunk)
{
	return min((chunk + 1) * MACH_CHUNK_PAGES - memory->lead,
		   memory->count);
}

/* The word of the chunk that is the MACH_CHUNK_PAGES from @index on, or NULL. */
static inline unsigned long *mach_chunk_whole(struct mach_memory *memory,
					      unsigned long index)
{
	if ((memory->lead + index) % MACH_CHUNK_PAGES ||
	    memory->count - index < MACH_CHUNK_PAGES)
		return NULL;
	return &memory->chunks[mach_chunk_of(memory, index)];
}

/* The entry of page @index; that of a page of a huge page is made up. */
static inline unsigned long mach_memory_entry(const struct mach_memory *memory,
					      unsigned long index)
{
	unsigned long chunk = mach_chunk_of(memory, index);
	unsigned long word = READ_ONCE(memory->chunks[chunk]);
	const unsigned long *table;
	struct page *page;

	if (!word || (word & MACH_PAGE_TODO))
		return word;
	index -= mach_chunk_first(memory, chunk);
	if (word & MACH_PAGE_HUGE) {
		page = mach_entry_page(word) + index;
		return (unsigned long)page | (word & MACH_PAGE_OWN);
	}
	table = mach_chunk_table(word);
	return READ_ONCE(table[index]);
}

/* May the receiver write to page @index, whose entry this is, in place? */
static inline bool mach_page_writable(const struct mach_memory *memory,
				      unsigned long index, unsigned long entry)
{
	return (entry & MACH_PAGE_OWN) && !READ_ONCE(memory->shared) &&
	       READ_ONCE(memory->poked) != index;
}

/*
 * The page at @index, with a reference, or NULL for a hole.  Needed by who
 * neither holds the lock of the PTE that may show the page, nor keeps faults
 * of the receiver out.
 */
struct page *mach_chunk_get_page(struct mach_memory *memory,
				 unsigned long index);

/* Page @index is no longer the object's alone. */
void mach_chunk_disown(struct mach_memory *memory, unsigned long index);

/*
 * The entries of a chunk; if it has none yet, they all become what its word
 * is.  For the capture, while the word is TODO or a table.  NULL: no memory.
 */
unsigned long *mach_chunk_open(struct mach_memory *memory, unsigned long chunk);

/* Make all chunks of a small object tables, as they have to be. */
void mach_chunk_open_small(struct mach_memory *memory);

/*
 * The entries of a chunk of a published object, which stops to be a huge page
 * or a hole if it was one.  NULL: no memory.
 */
unsigned long *mach_chunk_break(struct mach_memory *memory,
				unsigned long chunk);

/* Drop all references and free the tables.  May sleep. */
void mach_chunk_free_all(struct mach_memory *memory);

/* The size of an object with its chunks, and its entries if it is small. */
size_t mach_chunk_object_size(unsigned long chunks, unsigned long pages);

#endif /* MACH_CHUNK_H */
