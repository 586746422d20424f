// SPDX-License-Identifier: GPL-2.0
/*
 * A capture's chunks and entries.
 */
#include "capture.h"
#include "memory.h"

bool mach_capture_whole(struct mach_capture *capture, unsigned long addr,
			unsigned long end)
{
	unsigned long *chunk = mach_capture_chunk(capture, addr);

	return mach_capture_waits(*chunk) &&
	       (addr == capture->start || !(addr & ~PMD_MASK)) &&
	       (end == capture->end || !(end & ~PMD_MASK));
}

unsigned long *mach_capture_entries(struct mach_capture *capture,
				    unsigned long addr)
{
	struct mach_memory *memory = capture->memory;
	unsigned long index = mach_capture_index(capture, addr);
	unsigned long chunk = mach_chunk_of(memory, index);
	unsigned long *table = mach_chunk_open(memory, chunk);

	return table ? table + (index - mach_chunk_first(memory, chunk)) : NULL;
}

bool mach_capture_may_hold(struct mach_capture *capture, unsigned long addr)
{
	struct mach_memory *memory = capture->memory;
	unsigned long chunk, pages;

	chunk = mach_chunk_of(memory, mach_capture_index(capture, addr));
	pages = mach_chunk_end(memory, chunk) - mach_chunk_first(memory, chunk);
	if (pages == MACH_CHUNK_PAGES || capture->paid[chunk > 0])
		return true;
	if (pages < MACH_CHUNK_PAGES / 2 ||
	    !mach_memory_charge(memory, MACH_CHUNK_PAGES - pages))
		return false;
	capture->paid[chunk > 0] = true;
	return true;
}

static int refuse_part(struct mach_capture *capture, unsigned long addr,
		       unsigned long end, unsigned long todo)
{
	unsigned long *chunk = mach_capture_chunk(capture, addr);
	unsigned long *entry;

	if (mach_capture_whole(capture, addr, end)) {
		WRITE_ONCE(*chunk, todo);
		return 0;
	}
	if (!mach_chunk_table(*chunk) && !mach_capture_waits(*chunk))
		return 0;
	entry = mach_capture_entries(capture, addr);
	if (!entry)
		return -ENOMEM;
	for (; addr < end; addr += PAGE_SIZE, entry++) {
		if (mach_capture_waits(*entry))
			WRITE_ONCE(*entry, todo);
	}
	return 0;
}

int mach_capture_refuse(struct mach_capture *capture, unsigned long addr,
			unsigned long end, enum mach_copy_reason reason)
{
	unsigned long next;
	int err = 0;

	for (; addr < end && !err; addr = next) {
		next = pmd_addr_end(addr, end);
		err = refuse_part(capture, addr, next, mach_entry_todo(reason));
	}
	return err;
}
