// SPDX-License-Identifier: GPL-2.0
/*
 * Out-of-line arrays of port names: see array.h.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>

#include "array.h"
#include "user.h"

static bool unmap_pages(u64 addr, size_t bytes)
{
	unsigned long start = addr & PAGE_MASK;

	return !vm_munmap(start, PAGE_ALIGN(addr + bytes) - start);
}

u32 *mach_array_read(u64 addr, u32 count, bool unmap)
{
	size_t bytes = (size_t)count * sizeof(u32);
	u32 *names = kvmalloc(bytes, GFP_KERNEL_ACCOUNT);

	if (!names)
		return ERR_PTR(-ENOMEM);
	if (mach_fetch(names, u64_to_user_ptr(addr), bytes) ||
	    (unmap && !unmap_pages(addr, bytes))) {
		kvfree(names);
		return ERR_PTR(-EFAULT);
	}
	return names;
}

u64 mach_array_map(u32 count)
{
	unsigned long addr;

	addr = vm_mmap(NULL, 0, PAGE_ALIGN((size_t)count * sizeof(u32)),
		       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	return IS_ERR_VALUE(addr) ? 0 : addr;
}

bool mach_array_write(u64 addr, const u32 *names, u32 count)
{
	return !mach_store(u64_to_user_ptr(addr), names,
			   (size_t)count * sizeof(u32));
}
