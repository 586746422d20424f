/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chunks: how a memory object (memory.h) holds its pages.
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
#include <linux/mutex.h>
#include <linux/pgtable.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

struct mach_origin;
struct mach_user;

/* No page: for mach_memory.poked. */
#define MACH_NO_PAGE	(~0UL)

struct mach_memory {
	/* Immutable once created. */
	u64 bytes;
	unsigned long count;		/* pages of the range */
	unsigned long chunk_count;
	unsigned int offset;		/* of the first byte in its page */
	unsigned int lead;		/* pages that the first chunk lacks */

	/* Changed by the capture, before the object is published. */
	unsigned long charged;		/* pages that the user pays for */

	/*
	 * Whose account pays.  Owned reference.  Changed by the one who holds
	 * the message, until the object is mapped; then immutable.
	 */
	struct mach_user *user;

	/* Set once, by the capture; the tree's fields under origin->lock. */
	struct mach_origin *origin;	/* owned reference, or NULL */
	struct rb_node node;
	unsigned long first_addr;	/* immutable while in the tree */
	unsigned long last_addr;
	unsigned long subtree_last;

	/*
	 * Written before the region's VMA is visible, then immutable.  The mm
	 * is an identity to compare with; it is never dereferenced.
	 */
	const struct mm_struct *receiver;
	unsigned long pgoff;		/* of the first page, in the inode */

	/*
	 * A second mm maps the object, or did, or a mapping has moved: no
	 * page of it is mapped writable ever again.  Only goes to true; under
	 * the mmap lock for writing of the only mm that could map writable.
	 */
	bool shared;

	/*
	 * The page that is being written from outside, which no fault may map,
	 * or MACH_NO_PAGE.  Changed under poke_lock, read under PTE locks.
	 */
	unsigned long poked;
	struct mutex poke_lock;
	refcount_t refs;

	/* Where a thread that writes page after page comes next; a hint. */
	unsigned long next_write;

	/* Leaf.  Guards pages that are replaced: see mach_chunk_get_page. */
	spinlock_t lock;
	unsigned long held;		/* pages, without the holes */

	/* Their words; entries of a small object follow in the allocation. */
	unsigned long chunks[];
};

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

/* The object's page at @addr of a VMA that maps part of an object. */
static inline unsigned long mach_memory_index(const struct vm_area_struct *vma,
					      unsigned long addr)
{
	const struct mach_memory *memory = vma->vm_private_data;

	return vma->vm_pgoff - memory->pgoff +
	       ((addr - vma->vm_start) >> PAGE_SHIFT);
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
