// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose content and page frames can be checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mach_test.h"

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_FRAME	((1ULL << 55) - 1)

bool mt_mergeable;

bool mt_has_huge_pages(void)
{
	return !access("/sys/kernel/mm/transparent_hugepage", F_OK);
}

void mt_no_huge_pages(void *address, unsigned long bytes)
{
	if (mt_has_huge_pages())
		mt_must(madvise(address, bytes, MADV_NOHUGEPAGE));
}

static void *map(unsigned long bytes, int advice)
{
	void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mt_check(address != MAP_FAILED);
	if (mt_has_huge_pages())
		mt_must(madvise(address, bytes, advice));
	if (mt_mergeable)
		mt_must(madvise(address, bytes, MADV_MERGEABLE));
	return address;
}

void *mt_map(unsigned long pages)
{
	return map(pages * MT_PAGE, MADV_NOHUGEPAGE);
}

void *mt_map_filled(unsigned long pages, unsigned int seed)
{
	void *address = mt_map(pages);

	mt_fill(address, pages * MT_PAGE, seed);
	return address;
}

/* After other tests memory may lie in pieces. */
static void compact(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0)
		perror("compact_memory");
	close(fd);
}

static void *map_huge(unsigned long huge_pages, unsigned int seed)
{
	unsigned long bytes = huge_pages * MT_HUGE;
	char *start = map(bytes + MT_HUGE, MADV_HUGEPAGE), *address;

	address = (char *)(((uintptr_t)start + MT_HUGE - 1) & -MT_HUGE);
	if (address != start)
		mt_unmap(start, address - start);
	mt_unmap(address + bytes, start + MT_HUGE - address);
	mt_fill(address, bytes, seed);
	if (mt_smaps(address, "AnonHugePages:") * 1024 != (long)bytes) {
		mt_unmap(address, bytes);
		return NULL;
	}
	return address;
}

void *mt_map_huge(unsigned long huge_pages, unsigned int seed)
{
	void *address = map_huge(huge_pages, seed);

	for (int tries = 0; !address && tries < 3; tries++) {
		compact();
		address = map_huge(huge_pages, seed);
	}
	return address;
}

void mt_unmap(void *address, unsigned long bytes)
{
	if (bytes)
		mt_must(munmap(address, bytes));
}

/* Differs from page to page and from seed to seed; never 0. */
static unsigned char pattern(unsigned long at, unsigned int seed)
{
	return (at * 13 + (at >> 12) * 7 + seed * 101) % 251 + 1;
}

void mt_fill(void *address, unsigned long bytes, unsigned int seed)
{
	unsigned char *byte = address;
	unsigned long at;

	for (at = 0; at < bytes; at++)
		byte[at] = pattern(at, seed);
}

bool mt_holds(const void *address, unsigned long bytes, unsigned int seed)
{
	const unsigned char *byte = address;
	unsigned long at;

	for (at = 0; at < bytes; at++) {
		if (byte[at] == pattern(at, seed))
			continue;
		fprintf(stderr, "# byte %lu of %lu is %#x, not %#x\n", at,
			bytes, byte[at], pattern(at, seed));
		return false;
	}
	return true;
}

bool mt_zero(const void *address, unsigned long bytes)
{
	const unsigned char *byte = address;
	unsigned long at;

	for (at = 0; at < bytes; at++)
		if (byte[at])
			return false;
	return true;
}

void mt_touch(const void *address, unsigned long pages)
{
	const volatile unsigned char *byte = address;
	unsigned long page;

	for (page = 0; page < pages; page++)
		(void)byte[page * MT_PAGE];
}

__u64 mt_frame(const void *address)
{
	off_t at = (uintptr_t)address / MT_PAGE * sizeof(__u64);
	__u64 entry;
	int fd;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	mt_check(fd >= 0);
	mt_check(pread(fd, &entry, sizeof(entry), at) == sizeof(entry));
	close(fd);
	return entry & PAGEMAP_PRESENT ? entry & PAGEMAP_FRAME : 0;
}

unsigned long mt_frames_shared(const void *a, const void *b,
			       unsigned long pages)
{
	unsigned long page, same = 0;

	for (page = 0; page < pages; page++) {
		__u64 frame = mt_frame((const char *)a + page * MT_PAGE);

		if (frame &&
		    frame == mt_frame((const char *)b + page * MT_PAGE))
			same++;
	}
	return same;
}

bool mt_mapped(const void *address)
{
	void *page = (void *)((uintptr_t)address & -MT_PAGE);
	unsigned char resident;

	return !mincore(page, MT_PAGE, &resident);
}

/* Calls @line with each line of the entry, the first one being its range. */
static void each_smaps_line(const void *address,
			    void (*line)(const char *text, void *arg),
			    void *arg)
{
	unsigned long at = (uintptr_t)address, start, end;
	FILE *file = fopen("/proc/self/smaps", "re");
	bool inside = false;
	char text[512];

	mt_check(file);
	while (fgets(text, sizeof(text), file)) {
		if (sscanf(text, "%lx-%lx ", &start, &end) == 2)
			inside = start <= at && at < end;
		if (inside)
			line(text, arg);
	}
	fclose(file);
}

static void take_protection(const char *text, void *arg)
{
	unsigned long start, end;

	sscanf(text, "%lx-%lx %4s", &start, &end, (char *)arg);
}

void mt_protection(const void *address, char protection[5])
{
	protection[0] = '\0';
	each_smaps_line(address, take_protection, protection);
}

struct smaps_value {
	const char *key;
	long value;
};

static void take_value(const char *text, void *arg)
{
	struct smaps_value *wanted = arg;
	size_t length = strlen(wanted->key);

	if (!strncmp(text, wanted->key, length))
		wanted->value = strtol(text + length, NULL, 10);
}

long mt_smaps(const void *address, const char *key)
{
	struct smaps_value wanted = { .key = key, .value = -1 };

	each_smaps_line(address, take_value, &wanted);
	return wanted.value;
}

static void take_flag(const char *text, void *arg)
{
	struct smaps_value *wanted = arg;

	if (!strncmp(text, "VmFlags:", 8))
		wanted->value = strstr(text, wanted->key) != NULL;
}

bool mt_vm_flag(const void *address, const char *flag)
{
	struct smaps_value wanted = { .value = 0 };
	char key[8];

	snprintf(key, sizeof(key), " %s ", flag);
	wanted.key = key;
	each_smaps_line(address, take_flag, &wanted);
	return wanted.value;
}

static int open_memory(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	mt_check(fd >= 0);
	return fd;
}

bool mt_peek(pid_t pid, const void *address, void *to, unsigned long bytes)
{
	int fd = open_memory(pid);
	ssize_t done = pread(fd, to, bytes, (uintptr_t)address);

	close(fd);
	return done == (ssize_t)bytes;
}

bool mt_poke(pid_t pid, const void *address, const void *from,
	     unsigned long bytes)
{
	int fd = open_memory(pid);
	ssize_t done = pwrite(fd, from, bytes, (uintptr_t)address);

	close(fd);
	return done == (ssize_t)bytes;
}

void mt_one_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	mt_must(sched_setaffinity(0, sizeof(set), &set));
}
