/* SPDX-License-Identifier: MIT */
/*
 * The configuration: a folder of files NAME.conf, each of which says how one
 * program, a job, is started and which services it has.  Read once, before
 * anything else; then constant, and known to both processes by its order.
 */
#ifndef MACHBOOTD_CONFIG_H
#define MACHBOOTD_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>
#include <servers/bootstrap.h>

#define CONFIG_JOBS	256
#define CONFIG_NAMES	16	/* services of one job */
#define CONFIG_WORDS	64	/* of one exec= */

struct job_config {
	char *file;
	name_t names[CONFIG_NAMES];
	unsigned int name_count;
	char *words[CONFIG_WORDS + 1];	/* exec=: the program and its arguments */
	char *user;			/* NULL: whoever started the server */
	uid_t uid;			/* of user */
	gid_t gid;
	unsigned int throttle;		/* milliseconds between two starts */
};

struct config {
	char *user;			/* of the server, NULL: stay as we are */
	uid_t uid;
	gid_t gid;
	unsigned int job_count;
	struct job_config jobs[CONFIG_JOBS];
};

/*
 * Reads the folder, in the order of the names.  Says on standard error what
 * is wrong with it; false then, for half of a configuration is none.
 */
bool config_read(struct config *config, const char *folder);

/* The ids of a user, a name or a number; false when there is none. */
bool config_user(const char *user, uid_t *uid, gid_t *gid);
/* Can who we are now become that user? */
bool config_may_become(uid_t uid);

#endif /* MACHBOOTD_CONFIG_H */
