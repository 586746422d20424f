// SPDX-License-Identifier: GPL-2.0
/*
 * A file system that is one file: see fuse.h.  The mount point is a file, too,
 * so that no name need be looked up.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuse.h"

/* The kernel wants to be able to write as much as it announces, and more. */
#define ROOM		(256 * 1024)
#define MAX_WRITE	(64 * 1024)
#define MAX_WAITING	16

/* A read that has no answer yet. */
struct held {
	__u64 unique;
	struct fuse_read_in read;
};

struct server {
	struct mt_fuse *fuse;
	char buffer[ROOM];
	struct held held[MAX_WAITING];	/* the first fuse->waiting */
};

static void reply(struct mt_fuse *fuse, __u64 unique, int error,
		  const void *data, unsigned long bytes)
{
	struct fuse_out_header head = {
		.len = sizeof(head) + bytes,
		.error = error,
		.unique = unique,
	};
	char *whole = malloc(head.len);

	mt_check(whole);
	memcpy(whole, &head, sizeof(head));
	if (bytes)
		memcpy(whole + sizeof(head), data, bytes);
	/* Fails when nobody waits any more. */
	if (write(fuse->device, whole, head.len) < 0)
		mt_check(errno == ENOENT || errno == ENODEV);
	free(whole);
}

static void answer_read(struct mt_fuse *fuse, const struct held *held)
{
	unsigned long from = held->read.offset, bytes = held->read.size;

	if (from > fuse->bytes)
		from = fuse->bytes;
	if (bytes > fuse->bytes - from)
		bytes = fuse->bytes - from;
	reply(fuse, held->unique, 0, fuse->content + from, bytes);
}

static void take_read(struct server *server, const struct held *held)
{
	struct mt_fuse *fuse = server->fuse;

	pthread_mutex_lock(&fuse->lock);
	if (fuse->silent) {
		mt_check(fuse->waiting < MAX_WAITING);
		server->held[fuse->waiting++] = *held;
		pthread_cond_broadcast(&fuse->cond);
	} else {
		answer_read(fuse, held);
	}
	pthread_mutex_unlock(&fuse->lock);
}

static void answer_init(struct server *server, __u64 unique,
			const struct fuse_init_in *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = in->minor < FUSE_KERNEL_MINOR_VERSION ?
			 in->minor : FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = in->max_readahead,
		/* A fault then waits for the page, which can be given up. */
		.flags = FUSE_ASYNC_READ,
		.max_background = MAX_WAITING,
		.max_write = MAX_WRITE,
	};

	reply(server->fuse, unique, 0, &out, sizeof(out));
}

static void answer_attributes(struct mt_fuse *fuse, __u64 unique)
{
	struct fuse_attr_out out = {
		.attr = {
			.ino = FUSE_ROOT_ID,
			.size = fuse->bytes,
			.mode = S_IFREG | 0600,
			.nlink = 1,
		},
	};

	reply(fuse, unique, 0, &out, sizeof(out));
}

static void serve(struct server *server)
{
	struct fuse_in_header *head = (void *)server->buffer;
	struct mt_fuse *fuse = server->fuse;
	struct fuse_open_out open = {
		.open_flags = fuse->direct ? FOPEN_DIRECT_IO : 0,
	};
	struct held held = { .unique = head->unique };

	switch (head->opcode) {
	case FUSE_INIT:
		answer_init(server, head->unique, (void *)(head + 1));
		break;
	case FUSE_GETATTR:
		answer_attributes(fuse, head->unique);
		break;
	case FUSE_OPEN:
		reply(fuse, head->unique, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		memcpy(&held.read, head + 1, sizeof(held.read));
		take_read(server, &held);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(fuse, head->unique, -ENOSYS, NULL, 0);
	}
}

/* Answers what was held back, as soon as that is wanted. */
static void *answer_later(void *arg)
{
	struct server *server = arg;
	struct mt_fuse *fuse = server->fuse;
	unsigned int i;

	pthread_mutex_lock(&fuse->lock);
	while (fuse->silent)
		pthread_cond_wait(&fuse->cond, &fuse->lock);
	for (i = 0; i < fuse->waiting; i++)
		answer_read(fuse, &server->held[i]);
	pthread_mutex_unlock(&fuse->lock);
	return NULL;
}

static void *serve_all(void *arg)
{
	struct server server = { .fuse = arg };
	struct mt_fuse *fuse = arg;
	pthread_t later;
	ssize_t got;

	mt_must(pthread_create(&later, NULL, answer_later, &server));
	for (;;) {
		got = read(fuse->device, server.buffer, ROOM);
		if (got >= (ssize_t)sizeof(struct fuse_in_header))
			serve(&server);
		else if (got < 0 && errno == ENODEV)
			break;
	}
	pthread_join(later, NULL);
	return NULL;
}

/* The mount point is gone as soon as the file is open. */
static void open_file(struct mt_fuse *fuse)
{
	char path[] = "/tmp/mach-fuse-XXXXXX", options[128];
	int point = mkstemp(path);
	struct stat attributes;

	mt_check(point >= 0);
	close(point);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=100600,user_id=0,group_id=0", fuse->device);
	mt_must(mount("mach", path, "fuse", MS_NOSUID | MS_NODEV, options));
	mt_must(pthread_create(&fuse->thread, NULL, serve_all, fuse));
	fuse->file = open(path, O_RDWR | O_CLOEXEC);
	mt_check(fuse->file >= 0);
	/* The kernel asks for the size only now. */
	mt_must(fstat(fuse->file, &attributes));
	/* Learn that there is no flush, which nobody could answer at exit. */
	close(dup(fuse->file));
	mt_must(umount2(path, MNT_DETACH));
	mt_must(unlink(path));
}

bool mt_fuse_start(struct mt_fuse *fuse)
{
	pthread_mutex_init(&fuse->lock, NULL);
	pthread_cond_init(&fuse->cond, NULL);
	fuse->waiting = 0;
	fuse->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse->device < 0)
		return false;
	open_file(fuse);
	return true;
}

void mt_fuse_until_read(struct mt_fuse *fuse)
{
	pthread_mutex_lock(&fuse->lock);
	while (!fuse->waiting)
		pthread_cond_wait(&fuse->cond, &fuse->lock);
	pthread_mutex_unlock(&fuse->lock);
}

void mt_fuse_answer(struct mt_fuse *fuse)
{
	pthread_mutex_lock(&fuse->lock);
	fuse->silent = false;
	pthread_cond_broadcast(&fuse->cond);
	pthread_mutex_unlock(&fuse->lock);
}
