/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fileports: a port of the module's own that carries an open file, so that
 * file descriptors travel as send rights do.
 *
 * The port holds the file.  It lives as long as a send right for it does; the
 * last one's going leaves work in the aftermath (the port's no-senders note
 * is special: it holds the port's own receive right, and is destroyed), and
 * with that the file is let go.
 */
#ifndef MACH_FILEPORT_H
#define MACH_FILEPORT_H

struct file;
struct mach_carried;
struct mach_user;

/*
 * A send right for a new fileport that holds @file, of which it takes a
 * reference of its own; @user pays.  KERN_SUCCESS, KERN_INVALID_ARGUMENT (a
 * file of this module), KERN_RESOURCE_SHORTAGE.
 */
int mach_fileport_create(struct mach_user *user, struct file *file,
			 struct mach_carried *out);

#endif /* MACH_FILEPORT_H */
