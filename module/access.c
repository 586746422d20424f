// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing a received region from another process.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "access.h"
#include "chunk.h"
#include "compat/mm.h"

/*
 * Others may change the entry between two looks.  Threads that do nothing but
 * discard pages may do so many times in a row; there is an end all the same.
 */
#define MACH_POKE_TRIES		1000

/* What the page table said about the one page that is to be accessed. */
enum poke_state {
	POKE_NONE,		/* no entry: the object has the content */
	POKE_DONE,		/* present and good for it: bytes are copied */
	POKE_SPECIAL,		/* the object's page, and not writable */
	POKE_FAULT,		/* ask the core: swapped, or to be copied */
};

/* Access to the bytes of one page. */
struct poke {
	struct vm_area_struct *vma;
	unsigned long addr;
	void *buf;
	size_t len;
	bool write;
	enum poke_state state;	/* out: set under the PTE lock */
};

static void copy_bytes(struct poke *poke, struct page *page)
{
	size_t offset = offset_in_page(poke->addr);

	if (poke->write)
		memcpy_to_page(page, offset, poke->buf, poke->len);
	else
		memcpy_from_page(poke->buf, page, offset, poke->len);
}

/* PTE lock held: what it maps cannot go away while we copy. */
static int poke_pte(pte_t *ptep, unsigned long addr, void *data)
{
	struct poke *poke = data;
	pte_t pte = ptep_get(ptep);

	if (pte_none(pte)) {
		poke->state = POKE_NONE;
	} else if (!pte_present(pte)) {
		poke->state = POKE_FAULT;
	} else if (poke->write && !pte_write(pte)) {
		poke->state = pte_special(pte) ? POKE_SPECIAL : POKE_FAULT;
	} else {
		copy_bytes(poke, pfn_to_page(pte_pfn(pte)));
		poke->state = POKE_DONE;
	}
	return 0;
}

/* Nothing was ever mapped there: the content is the object's. */
static int read_object(struct poke *poke)
{
	struct mach_memory *memory = poke->vma->vm_private_data;
	unsigned long index = mach_memory_index(poke->vma, poke->addr);
	struct page *page = mach_chunk_get_page(memory, index);
	int err = 0;

	if (!page)
		memset(poke->buf, 0, poke->len);
	else if (PageHWPoison(page))
		err = -EIO;
	else
		copy_bytes(poke, page);
	if (page)
		put_page(page);
	return err;
}

static int fault_page(struct poke *poke)
{
	unsigned int flags = FAULT_FLAG_REMOTE;
	vm_fault_t fault;

	if (poke->write)
		flags |= FAULT_FLAG_WRITE;
	fault = handle_mm_fault(poke->vma, poke->addr & PAGE_MASK, flags, NULL);
	return fault & VM_FAULT_ERROR ? -EFAULT : 0;
}

/*
 * Make a private copy of the object's page, to write to.  The core must not do
 * that from an existing special entry: it would copy from current's address
 * space.  So the entry is zapped and kept away while the fault runs.
 */
static int copy_object_page(struct poke *poke)
{
	struct vm_area_struct *vma = poke->vma;
	struct mach_memory *memory = vma->vm_private_data;
	unsigned long index = mach_memory_index(vma, poke->addr);
	loff_t offset = (loff_t)(memory->pgoff + index) << PAGE_SHIFT;
	int err;

	if (mutex_lock_killable(&memory->poke_lock))
		return -EINTR;
	WRITE_ONCE(memory->poked, index);
	unmap_mapping_range(vma->vm_file->f_mapping, offset, PAGE_SIZE, 0);
	err = fault_page(poke);
	WRITE_ONCE(memory->poked, MACH_NO_PAGE);
	mutex_unlock(&memory->poke_lock);
	return err;
}

/* See what the page table says, where there may be a huge page no more. */
static int look(struct poke *poke)
{
	struct vm_area_struct *vma = poke->vma;
	struct mach_memory *memory = vma->vm_private_data;
	unsigned long index = mach_memory_index(vma, poke->addr);
	pmd_t *pmdp = mach_find_pmd(vma->vm_mm, poke->addr);

	if (!mach_chunk_break(memory, mach_chunk_of(memory, index)))
		return -ENOMEM;
	if (pmdp && mach_pmd_is_huge(vma->vm_mm, pmdp)) {
		/* Installed before; the core takes it apart for a write. */
		poke->state = poke->write ? POKE_FAULT : POKE_NONE;
		return 0;
	}
	return apply_to_page_range(vma->vm_mm, poke->addr & PAGE_MASK,
				   PAGE_SIZE, poke_pte, poke);
}

/* One look at the page, and one step.  1: done, 0: look again, or -errno. */
static int poke_step(struct poke *poke)
{
	int err = look(poke);

	if (err)
		return 0;

	switch (poke->state) {
	case POKE_DONE:
		return 1;
	case POKE_FAULT:
		return fault_page(poke);
	case POKE_NONE:
		if (!poke->write)
			return read_object(poke) ?: 1;
		fallthrough;
	case POKE_SPECIAL:
		return copy_object_page(poke);
	}
	return -EIO;
}

static int poke_page(struct poke *poke)
{
	int tries, ret;

	for (tries = 0; tries < MACH_POKE_TRIES; tries++) {
		ret = poke_step(poke);
		if (ret)
			return ret < 0 ? ret : 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return -EIO;
}

int mach_region_access(struct vm_area_struct *vma, unsigned long addr,
		       void *buf, int len, int write)
{
	int done, err = 0;

	if (write && !(vma->vm_flags & VM_WRITE))
		return -EIO;
	len = min_t(unsigned long, len, vma->vm_end - addr);

	for (done = 0; done < len;) {
		struct poke poke = {
			.vma = vma,
			.addr = addr + done,
			.buf = buf + done,
			.write = write,
		};

		poke.len = min_t(size_t, len - done,
				 PAGE_SIZE - offset_in_page(poke.addr));
		err = poke_page(&poke);
		if (err)
			break;
		done += poke.len;
	}
	return done ?: err;
}
