// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Reads /proc/PID/maps and smaps: see vm_maps.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm_maps.h"

/* All that is wanted of a line; names of files may be longer. */
#define LINE	200

/* How the kernel calls the module's internal file. */
#define OUR_FILE	"/mach (deleted)"

void libmach_maps_start(struct libmach_maps *maps, int fd)
{
	maps->used = 0;
	maps->at = 0;
	maps->fd = fd;
	lseek(fd, 0, SEEK_SET);
}

bool libmach_maps_open(struct libmach_maps *maps, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		libmach_maps_start(maps, fd);
	return fd >= 0;
}

void libmach_maps_close(struct libmach_maps *maps)
{
	close(maps->fd);
}

/* The next character, or -1. */
static int next_char(struct libmach_maps *maps)
{
	ssize_t got;

	if (maps->at == maps->used) {
		do
			got = read(maps->fd, maps->buffer,
				   sizeof(maps->buffer));
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			return -1;
		maps->used = (size_t)got;
		maps->at = 0;
	}
	return (unsigned char)maps->buffer[maps->at++];
}

static bool next_line(struct libmach_maps *maps, char line[LINE])
{
	size_t length = 0;
	int c;

	while ((c = next_char(maps)) >= 0 && c != '\n')
		if (length < LINE - 1)
			line[length++] = (char)c;
	line[length] = '\0';
	return c >= 0 || length;
}

/* "start-end rwxp offset dev:dev inode path"; smaps has other lines, too. */
static bool parse_region(const char *line, struct libmach_region *region)
{
	char *at;

	region->start = strtoul(line, &at, 16);
	if (at == line || *at != '-')
		return false;
	region->end = strtoul(at + 1, &at, 16);
	if (strlen(at) < 6)
		return false;
	region->protection = (at[1] == 'r' ? VM_PROT_READ : 0) |
			     (at[2] == 'w' ? VM_PROT_WRITE : 0) |
			     (at[3] == 'x' ? VM_PROT_EXECUTE : 0);
	region->shared = at[4] == 's';
	region->offset = strtoul(at + 5, &at, 16);
	at = strchr(at + 1, ' ');
	region->inode = at ? strtoul(at, &at, 10) : 0;
	region->received = at && !region->shared &&
			   !strcmp(at + strspn(at, " "), OUR_FILE);
	return true;
}

bool libmach_maps_next(struct libmach_maps *maps,
		       struct libmach_region *region)
{
	char line[LINE];

	/* The vsyscall page is listed, too, but is the kernel's. */
	while (next_line(maps, line))
		if (parse_region(line, region) && (intptr_t)region->start >= 0)
			return true;
	return false;
}

kern_return_t libmach_maps_find(struct libmach_maps *maps,
				vm_address_t address,
				struct libmach_region *region)
{
	while (libmach_maps_next(maps, region))
		if (region->end > address)
			return KERN_SUCCESS;
	return KERN_NO_SPACE;
}

kern_return_t libmach_find_region(vm_address_t address,
				  struct libmach_region *region)
{
	struct libmach_maps maps;
	kern_return_t kr;

	if (!libmach_maps_open(&maps, "/proc/self/maps"))
		return KERN_FAILURE;
	kr = libmach_maps_find(&maps, address, region);
	libmach_maps_close(&maps);
	return kr;
}

/* @line says "VmFlags: rd wr mr mw me ...". */
static void parse_flags(const char *line, struct libmach_region_flags *flags)
{
	flags->may = (strstr(line, " mr") ? VM_PROT_READ : 0) |
		     (strstr(line, " mw") ? VM_PROT_WRITE : 0) |
		     (strstr(line, " me") ? VM_PROT_EXECUTE : 0);
	flags->not_inherited = strstr(line, " dc") != NULL;
}

kern_return_t libmach_maps_flags(struct libmach_maps *maps,
				 vm_address_t address,
				 struct libmach_region_flags *flags)
{
	struct libmach_region region = { .end = 0 };
	char line[LINE];

	while (next_line(maps, line)) {
		if (parse_region(line, &region))
			continue;
		if (region.end > address && !strncmp(line, "VmFlags:", 8)) {
			parse_flags(line, flags);
			return KERN_SUCCESS;
		}
	}
	return KERN_FAILURE;
}

kern_return_t libmach_find_flags(vm_address_t address,
				 struct libmach_region_flags *flags)
{
	struct libmach_maps maps;
	kern_return_t kr;

	if (!libmach_maps_open(&maps, "/proc/self/smaps"))
		return KERN_FAILURE;
	kr = libmach_maps_flags(&maps, address, flags);
	libmach_maps_close(&maps);
	return kr;
}

kern_return_t libmach_maps_check(struct libmach_maps *maps,
				 vm_address_t start, vm_address_t end,
				 vm_prot_t access)
{
	struct libmach_region region;

	while (start < end) {
		if (!libmach_maps_next(maps, &region))
			return KERN_INVALID_ADDRESS;
		if (region.end <= start)
			continue;
		if (region.start > start)
			return KERN_INVALID_ADDRESS;
		if (access & ~region.protection)
			return KERN_PROTECTION_FAILURE;
		start = region.end;
	}
	return KERN_SUCCESS;
}

kern_return_t libmach_check_access(vm_address_t start, vm_address_t end,
				   vm_prot_t access)
{
	struct libmach_maps maps;
	kern_return_t kr;

	if (!libmach_maps_open(&maps, "/proc/self/maps"))
		return KERN_FAILURE;
	kr = libmach_maps_check(&maps, start, end, access);
	libmach_maps_close(&maps);
	return kr;
}

kern_return_t libmach_each_piece(vm_address_t start, vm_address_t end,
				 kern_return_t (*visit)(
					const struct libmach_region *piece,
					void *arg),
				 void *arg)
{
	kern_return_t kr = KERN_SUCCESS;
	struct libmach_region piece;
	struct libmach_maps maps;

	if (!libmach_maps_open(&maps, "/proc/self/maps"))
		return KERN_FAILURE;
	while (!kr && libmach_maps_next(&maps, &piece) && piece.start < end) {
		if (piece.end <= start)
			continue;
		if (piece.start < start) {
			piece.offset += start - piece.start;
			piece.start = start;
		}
		if (piece.end > end)
			piece.end = end;
		kr = visit(&piece, arg);
	}
	libmach_maps_close(&maps);
	return kr;
}
