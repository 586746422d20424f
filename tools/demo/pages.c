// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* What a process can find out about its own memory. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "demo.h"
#include "pages.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_FRAME	((1ULL << 55) - 1)

void hash(const void *memory, size_t bytes, unsigned char *digest)
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, bytes, memory);
	sha256_digest(&context, DIGEST_BYTES, digest);
}

static void read_pagemap(uint64_t *entries, size_t pages, uintptr_t address)
{
	off_t offset = (off_t)(address / vm_page_size * sizeof(*entries));
	ssize_t wanted = (ssize_t)(pages * sizeof(*entries));
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, entries, (size_t)wanted, offset) != wanted)
		fail("/proc/self/pagemap: %m");
	close(fd);
}

uint64_t *page_frames(const void *memory, size_t bytes)
{
	size_t pages = bytes / vm_page_size;
	vm_address_t address;
	uint64_t *frames;

	must(vm_allocate(mach_task_self(), &address, pages * sizeof(*frames),
			 TRUE), "vm_allocate");
	frames = (uint64_t *)address;
	read_pagemap(frames, pages, (uintptr_t)memory);
	for (size_t i = 0; i < pages; i++) {
		if (!(frames[i] & PAGEMAP_PRESENT))
			fail("page %zu was touched but is not there", i);
		frames[i] &= PAGEMAP_FRAME;
		if (!frames[i])
			fail("no page-frame numbers: run the demo as root");
	}
	return frames;
}

size_t huge_kib(const void *memory)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	uintptr_t start, end;
	size_t kib = 0;
	int inside = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end)
		    == 2)
			inside = (uintptr_t)memory >= start &&
				 (uintptr_t)memory < end;
		else if (inside && sscanf(line, "AnonHugePages: %zu", &kib))
			break;
	}
	if (file)
		fclose(file);
	return kib;
}
