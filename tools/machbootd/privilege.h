/* SPDX-License-Identifier: MIT */
/* Giving up privileges, for good. */
#ifndef MACHBOOTD_PRIVILEGE_H
#define MACHBOOTD_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

/* Becomes that user, if it is root now, and drops all capabilities. */
bool privilege_drop(uid_t uid, gid_t gid);

/* Drops all but those to become another user and to end its processes. */
bool privilege_keep_users(void);

#endif /* MACHBOOTD_PRIVILEGE_H */
