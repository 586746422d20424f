/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels in files and pseudo file systems, under our own
 * names.
 */
#ifndef MACH_COMPAT_FS_H
#define MACH_COMPAT_FS_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/pseudo_fs.h>

/*
 * A pseudo file system whose files may be mapped executable: what is mapped
 * is a receiver's private memory.  Newer kernels set noexec on their own.
 */
static inline int mach_init_pseudo(struct fs_context *context,
				   unsigned long magic)
{
	if (!init_pseudo(context, magic))
		return -ENOMEM;
	context->s_iflags &= ~SB_I_NOEXEC;
	return 0;
}

/* An inode that no path leads to.  Returns an ERR_PTR on failure. */
static inline struct inode *mach_anon_inode(struct super_block *sb)
{
	struct inode *inode = alloc_anon_inode(sb);

#ifdef S_ANON_INODE
	/* The mark promises that the file system is noexec. */
	if (!IS_ERR(inode))
		inode->i_flags &= ~S_ANON_INODE;
#endif
	return inode;
}

/*
 * A new descriptor of current for a file that it gets from somebody else, if
 * the security modules agree.  Takes a reference of its own; -errno.
 */
static inline int mach_receive_fd(struct file *file, unsigned int flags)
{
#ifdef MACH_HAVE_RECEIVE_FD_USER
	return receive_fd(file, flags);
#else
	return receive_fd(file, NULL, flags);
#endif
}

#endif /* MACH_COMPAT_FS_H */
