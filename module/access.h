/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Access to a received region from outside: ptrace and /proc/pid/mem, which
 * cannot take pages of a VM_IO mapping and ask the mapping's owner instead.
 */
#ifndef MACH_ACCESS_H
#define MACH_ACCESS_H

struct vm_area_struct;

/*
 * The VMA's .access: copy up to @len bytes at @addr into or, with @write, from
 * kernel memory @buf.  The mmap lock of the VMA's mm is held for reading;
 * current may have any mm.  Returns the number of bytes, or -errno if none.
 */
int mach_region_access(struct vm_area_struct *vma, unsigned long addr,
		       void *buf, int len, int write);

#endif /* MACH_ACCESS_H */
