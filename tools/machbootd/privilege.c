// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* Capabilities by the bare system call: no library is needed for this. */
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege.h"

/* As many of them as are permitted now, and no others ever again. */
static bool keep_only(uint64_t wanted)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return false;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(wanted >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	/* Fails where there are none: a kernel too old for any of this. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return !syscall(SYS_capset, &head, data);
}

bool privilege_drop(uid_t uid, gid_t gid)
{
	if (geteuid() == 0 && uid != 0 &&
	    (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	     setresuid(uid, uid, uid)))
		return false;
	return keep_only(0) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

bool privilege_keep_users(void)
{
	return keep_only(1ULL << CAP_SETUID | 1ULL << CAP_SETGID |
			 1ULL << CAP_KILL);
}
