// SPDX-License-Identifier: GPL-2.0
/*
 * The internal file of a task, its doorbell, and the only way to map it.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "compat/fs.h"
#include "compat/mm.h"
#include "mapping.h"
#include "memory.h"

#define MACH_FS_MAGIC		0x6d616368	/* "mach" */
#define MACH_ZERO_PAGES		8

/* Between two looks at an mm without a doorbell. */
#define FIRST_PATIENCE		(HZ / 4)
#define LAST_PATIENCE		(8UL * HZ)

/* Offsets stay so low that none of them, in bytes, reaches 2^63. */
#define MACH_MAX_PGOFF		(1UL << (62 - PAGE_SHIFT))

struct mach_mapping {
	/* Immutable until the detach, which drops both references. */
	struct mm_struct *mm;			/* mmgrab */
	struct file *file;			/* its release frees us */

	struct mach_origin *origin;		/* immutable, owned reference */

	/* Where the doorbell is.  mm's mmap lock, for writing to change it. */
	unsigned long doorbell;
	atomic_t doorbells;			/* doorbell VMAs that exist */

	spinlock_t lock;
	/* Under lock. */
	struct list_head pending;		/* struct pending_map */
	unsigned long next_pgoff;
	void (*mm_died)(void *owner);		/* NULL: said, or detached */
	void *owner;
	unsigned long patience;			/* jiffies: see keep_vigil */

	struct delayed_work vigil;		/* queued while mm_died is set */
};

/* One call of vm_mmap under way; on its caller's stack. */
struct pending_map {
	struct list_head node;			/* mapping->lock */
	/* Immutable. */
	struct task_struct *task;
	void (*attach)(struct vm_area_struct *vma, void *data);
	void *data;
};

static struct vfsmount *mach_mount;		/* under the core's pin lock */
static int mach_mount_pins;
static struct page *zero_pages[MACH_ZERO_PAGES];

static int init_fs_context(struct fs_context *context)
{
	return mach_init_pseudo(context, MACH_FS_MAGIC);
}

/* Its owner keeps the module until the last file's mount is gone. */
static struct file_system_type mach_fs_type = {
	.name = "mach",
	.owner = THIS_MODULE,
	.init_fs_context = init_fs_context,
	.kill_sb = kill_anon_super,
};

/* Current's own vm_mmap under way, or NULL. */
static struct pending_map *find_pending(struct mach_mapping *mapping)
{
	struct pending_map *pending;

	spin_lock(&mapping->lock);
	list_for_each_entry(pending, &mapping->pending, node) {
		if (pending->task == current) {
			spin_unlock(&mapping->lock);
			return pending;
		}
	}
	spin_unlock(&mapping->lock);
	return NULL;
}

/*
 * Nobody but us maps this file: not through /proc/pid/map_files, not by
 * remap_file_pages().  The pending entry is current's own: it stays.
 */
static int mapping_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct pending_map *pending = find_pending(file->private_data);

	if (!pending)
		return -ENODEV;
	pending->attach(vma, pending->data);
	return 0;
}

/* The last VMA and the task are gone. */
static int mapping_release(struct inode *inode, struct file *file)
{
	struct mach_mapping *mapping = file->private_data;

	WARN_ON_ONCE(!list_empty(&mapping->pending));
	mach_origin_put(mapping->origin);
	simple_release_fs(&mach_mount, &mach_mount_pins);
	kfree(mapping);
	return 0;
}

/*
 * The inode has no file operations, so that no path opens it again.  A large
 * mapping's place is chosen so that huge pages can lie in it as in the file.
 */
static const struct file_operations mapping_fops = {
	.owner = THIS_MODULE,
	.mmap = mapping_mmap,
	.get_unmapped_area = thp_get_unmapped_area,
	.release = mapping_release,
};

unsigned long mach_mapping_map(struct mach_mapping *mapping,
			       unsigned long count, unsigned long prot,
			       unsigned long flags, unsigned long pgoff,
			       void (*attach)(struct vm_area_struct *vma,
					      void *data),
			       void *data)
{
	struct pending_map pending = {
		.task = current,
		.attach = attach,
		.data = data,
	};
	unsigned long addr;

	spin_lock(&mapping->lock);
	list_add(&pending.node, &mapping->pending);
	spin_unlock(&mapping->lock);

	addr = vm_mmap(mapping->file, 0, count << PAGE_SHIFT, prot, flags,
		       pgoff << PAGE_SHIFT);

	spin_lock(&mapping->lock);
	list_del(&pending.node);
	spin_unlock(&mapping->lock);
	return addr;
}

bool mach_mapping_take_offsets(struct mach_mapping *mapping, unsigned int lead,
			       unsigned long count, unsigned long *pgoff)
{
	unsigned long first;
	bool taken;

	spin_lock(&mapping->lock);
	first = round_up(mapping->next_pgoff, PTRS_PER_PTE) + lead;
	taken = first < MACH_MAX_PGOFF && count <= MACH_MAX_PGOFF - first;
	if (taken) {
		*pgoff = first;
		mapping->next_pgoff = first + count;
	}
	spin_unlock(&mapping->lock);
	return taken;
}

/* mremap has made a copy of the VMA, and is going to close the old one. */
static void doorbell_open(struct vm_area_struct *vma)
{
	struct mach_mapping *mapping = vma->vm_file->private_data;

	atomic_inc(&mapping->doorbells);
}

static int doorbell_moved(struct vm_area_struct *vma)
{
	struct mach_mapping *mapping = vma->vm_file->private_data;

	mapping->doorbell = vma->vm_start;
	return 0;
}

static void tell_death(struct mach_mapping *mapping)
{
	spin_lock(&mapping->lock);
	if (mapping->mm_died)
		mapping->mm_died(mapping->owner);
	mapping->mm_died = NULL;
	spin_unlock(&mapping->lock);
}

static void wait_for_death(struct mach_mapping *mapping, bool again)
{
	spin_lock(&mapping->lock);
	mapping->patience = again ? min(2 * mapping->patience, LAST_PATIENCE) :
				    FIRST_PATIENCE;
	if (mapping->mm_died)
		schedule_delayed_work(&mapping->vigil, mapping->patience);
	spin_unlock(&mapping->lock);
}

/*
 * The user has unmapped the doorbell and not called since.  The mm's death
 * must be noticed all the same: the task's file may be held by nothing but
 * what that death lets go (architecture.md, rings of files and ports).
 */
static void keep_vigil(struct work_struct *work)
{
	struct mach_mapping *mapping = container_of(to_delayed_work(work),
						    struct mach_mapping, vigil);

	if (!atomic_read(&mapping->mm->mm_users))
		tell_death(mapping);
	else if (!atomic_read(&mapping->doorbells))
		wait_for_death(mapping, true);
}

/* The user has unmapped it, or the mm is torn down: it has no user left. */
static void doorbell_close(struct vm_area_struct *vma)
{
	struct mach_mapping *mapping = vma->vm_file->private_data;
	bool last = atomic_dec_and_test(&mapping->doorbells);

	if (!atomic_read(&vma->vm_mm->mm_users))
		tell_death(mapping);
	else if (last)
		wait_for_death(mapping, false);
}

static vm_fault_t doorbell_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct doorbell_ops = {
	.open = doorbell_open,
	.close = doorbell_close,
	.mremap = doorbell_moved,
	.fault = doorbell_fault,
};

static void doorbell_attach(struct vm_area_struct *vma, void *data)
{
	struct mach_mapping *mapping = data;

	mach_vma_set_flags(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND |
				VM_DONTCOPY | VM_DONTDUMP);
	vma->vm_ops = &doorbell_ops;
	mapping->doorbell = vma->vm_start;
	atomic_inc(&mapping->doorbells);
}

int mach_mapping_new_doorbell(struct mach_mapping *mapping)
{
	unsigned long addr;

	addr = mach_mapping_map(mapping, 1, PROT_NONE, MAP_SHARED, 0,
				doorbell_attach, mapping);
	return IS_ERR_VALUE(addr) ? (int)addr : 0;
}

int mach_mapping_check_doorbell(struct mach_mapping *mapping)
{
	if (atomic_read(&mapping->doorbells))
		return 0;
	return mach_mapping_new_doorbell(mapping);
}

struct vm_area_struct *mach_mapping_doorbell(struct mach_mapping *mapping)
{
	struct vm_area_struct *vma;

	lockdep_assert_held(&mapping->mm->mmap_lock);
	vma = vma_lookup(mapping->mm, mapping->doorbell);
	if (!vma || vma->vm_ops != &doorbell_ops ||
	    vma->vm_file != mapping->file)
		return NULL;
	return vma;
}

/*
 * Between the two steps a thread may unmap our doorbell and map something of
 * its own in its place, which is then lost: it asked for it.
 */
static void unmap_doorbell(struct mach_mapping *mapping)
{
	unsigned long addr = 0;

	if (mmap_read_lock_killable(mapping->mm))
		return;
	if (mach_mapping_doorbell(mapping))
		addr = mapping->doorbell;
	mmap_read_unlock(mapping->mm);
	if (addr)
		vm_munmap(addr, PAGE_SIZE);
}

static int make_file(struct mach_mapping *mapping)
{
	struct inode *inode;
	struct file *file;

	inode = mach_anon_inode(mach_mount->mnt_sb);
	if (IS_ERR(inode))
		return PTR_ERR(inode);

	if (!try_module_get(THIS_MODULE)) {
		iput(inode);
		return -ENODEV;
	}
	file = alloc_file_pseudo(inode, mach_mount, "mach", O_RDWR,
				 &mapping_fops);
	if (IS_ERR(file)) {
		module_put(THIS_MODULE);
		iput(inode);
		return PTR_ERR(file);
	}
	file->private_data = mapping;
	mapping->file = file;
	return 0;
}

/* On failure nothing is left; afterwards the file's release undoes it. */
static int init_mapping(struct mach_mapping *mapping)
{
	int err;

	spin_lock_init(&mapping->lock);
	INIT_LIST_HEAD(&mapping->pending);
	INIT_DELAYED_WORK(&mapping->vigil, keep_vigil);
	mapping->next_pgoff = 1;		/* 0 is the doorbell's */

	mapping->origin = mach_origin_create();
	if (!mapping->origin)
		return -ENOMEM;
	err = simple_pin_fs(&mach_fs_type, &mach_mount, &mach_mount_pins);
	if (err)
		goto put_origin;
	err = make_file(mapping);
	if (err)
		goto release_fs;
	return 0;

release_fs:
	simple_release_fs(&mach_mount, &mach_mount_pins);
put_origin:
	mach_origin_put(mapping->origin);
	return err;
}

struct mach_mapping *mach_mapping_create(void (*mm_died)(void *owner),
					 void *owner)
{
	struct mach_mapping *mapping;
	int err;

	if (!current->mm)
		return ERR_PTR(-EINVAL);
	mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
	if (!mapping)
		return ERR_PTR(-ENOMEM);
	err = init_mapping(mapping);
	if (err) {
		kfree(mapping);
		return ERR_PTR(err);
	}

	mmgrab(current->mm);
	mapping->mm = current->mm;
	mapping->mm_died = mm_died;
	mapping->owner = owner;
	err = mach_mapping_new_doorbell(mapping);
	if (err) {
		mach_mapping_detach(mapping);
		return ERR_PTR(err);
	}
	return mapping;
}

void mach_mapping_detach(struct mach_mapping *mapping)
{
	spin_lock(&mapping->lock);
	mapping->mm_died = NULL;
	spin_unlock(&mapping->lock);
	cancel_delayed_work_sync(&mapping->vigil);

	if (mach_mapping_is_current(mapping))
		unmap_doorbell(mapping);
	mmdrop(mapping->mm);
	fput(mapping->file);
}

bool mach_mapping_is_current(const struct mach_mapping *mapping)
{
	return current->mm && current->mm == mapping->mm;
}

struct mach_origin *mach_mapping_origin(struct mach_mapping *mapping)
{
	return mapping->origin;
}

struct page *mach_mapping_zero_page(unsigned long index)
{
	return zero_pages[index % MACH_ZERO_PAGES];
}

int mach_mapping_init(void)
{
	int i;

	for (i = 0; i < MACH_ZERO_PAGES; i++) {
		zero_pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!zero_pages[i]) {
			mach_mapping_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

void mach_mapping_exit(void)
{
	int i;

	for (i = 0; i < MACH_ZERO_PAGES; i++) {
		if (zero_pages[i])
			put_page(zero_pages[i]);
		zero_pages[i] = NULL;
	}
}
