/* SPDX-License-Identifier: MIT */
/* Copyright (c) The mach authors */
/*
 * An address space as /proc/PID/maps and smaps tell it; not installed.  The
 * functions without a struct libmach_maps look at the own one.
 *
 * A listing is not one moment: a region that changes meanwhile may be told as
 * it was, as it is, or not at all.
 */
#ifndef LIBMACH_VM_MAPS_H
#define LIBMACH_VM_MAPS_H

#include <stdbool.h>
#include <stddef.h>

#include <mach/kern_return.h>
#include <mach/std_types.h>
#include <mach/vm_prot.h>

struct libmach_region {
	vm_address_t start, end;
	vm_prot_t protection;
	bool shared;
	vm_offset_t offset;	/* in the file; 0 if there is none */
	unsigned long inode;	/* 0 if there is no file */
	bool received;		/* of the module: came in a message */
};

/* What only smaps has. */
struct libmach_region_flags {
	vm_prot_t may;		/* what mprotect could give */
	bool not_inherited;	/* MADV_DONTFORK */
};

struct libmach_maps {
	int fd;
	size_t used, at;	/* of buffer */
	char buffer[4096];
};

/* From the beginning of a file that stays the caller's. */
void libmach_maps_start(struct libmach_maps *maps, int fd);
/* false without /proc, or without a descriptor. */
bool libmach_maps_open(struct libmach_maps *maps, const char *path);
/* In the order of addresses; false after the last one. */
bool libmach_maps_next(struct libmach_maps *maps,
		       struct libmach_region *region);
void libmach_maps_close(struct libmach_maps *maps);

/* The first region that ends above @address: KERN_NO_SPACE if none does. */
kern_return_t libmach_maps_find(struct libmach_maps *maps,
				vm_address_t address,
				struct libmach_region *region);
kern_return_t libmach_find_region(vm_address_t address,
				  struct libmach_region *region);
/* Slow: the kernel walks the page tables of everything before. */
kern_return_t libmach_maps_flags(struct libmach_maps *maps,
				 vm_address_t address,
				 struct libmach_region_flags *flags);
kern_return_t libmach_find_flags(vm_address_t address,
				 struct libmach_region_flags *flags);

/*
 * Is all of [start, end) mapped with @access?  KERN_INVALID_ADDRESS: a hole,
 * KERN_PROTECTION_FAILURE: access is missing, whichever comes first;
 * KERN_FAILURE: the address space cannot be looked at.
 */
kern_return_t libmach_maps_check(struct libmach_maps *maps,
				 vm_address_t start, vm_address_t end,
				 vm_prot_t access);
kern_return_t libmach_check_access(vm_address_t start, vm_address_t end,
				   vm_prot_t access);

/*
 * Calls @visit for each piece of a region in [start, end), until it fails.
 * Holes are passed over.
 */
kern_return_t libmach_each_piece(vm_address_t start, vm_address_t end,
				 kern_return_t (*visit)(
					const struct libmach_region *piece,
					void *arg),
				 void *arg);

#endif /* LIBMACH_VM_MAPS_H */
