// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* The sender's memory. */
#include <stdint.h>
#include <sys/mman.h>

#include <mach/mach.h>

#include "proc.h"
#include "region.h"
#include "result.h"

#define HUGE_BYTES	((size_t)2 << 20)

/* No figure under the wrong name: huge pages are not a promise. */
static void check_huge(size_t bytes)
{
	long kib = proc_kib("/proc/self/smaps_rollup", "AnonHugePages");

	if ((size_t)kib < bytes >> 10)
		fail("%zu KiB asked for, %ld KiB in huge pages", bytes >> 10,
		     kib);
}

void region_make(struct region *region, size_t bytes, enum pages pages)
{
	size_t align = pages == PAGES_HUGE ? HUGE_BYTES : vm_page_size;

	region->bytes = bytes;
	region->pages = pages;
	/* Room to align, and for whole huge pages around a small region. */
	region->mapped = ((bytes + align - 1) & ~(align - 1)) + align;
	region->mapping = mmap(NULL, region->mapped, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region->mapping == MAP_FAILED)
		fail("mmap: %m");
	region->data = (char *)(((uintptr_t)region->mapping + align - 1) &
				~(align - 1));
	if (madvise(region->mapping, region->mapped, pages == PAGES_HUGE ?
		    MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		fail("madvise: %m");
	region_rewrite(region);
	if (pages == PAGES_HUGE)
		check_huge(bytes);
}

void region_rewrite(struct region *region)
{
	volatile char *data = region->data;

	/* Not ++: a first touch that reads gets a zero page, never huge. */
	for (size_t at = 0; at < region->bytes; at += vm_page_size)
		data[at] = 1;
}

void region_free(struct region *region)
{
	if (region->data)
		munmap(region->mapping, region->mapped);
	region->data = NULL;
}
