/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/* What a process can find out about its own memory. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256; digest has room for DIGEST_BYTES. */
void hash(const void *memory, size_t bytes, unsigned char *digest);

/*
 * The page-frame numbers of touched memory, from /proc/self/pagemap, in
 * memory of vm_allocate().  Needs CAP_SYS_ADMIN.
 */
uint64_t *page_frames(const void *memory, size_t bytes);

/* KiB of the mapping of memory that are huge pages. */
size_t huge_kib(const void *memory);

#endif /* PAGES_H */
