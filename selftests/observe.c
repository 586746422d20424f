// SPDX-License-Identifier: GPL-2.0
/*
 * What happens can be watched: trace events for each kind of step, a debugfs
 * view of what lives, and no kernel address in either (issue: point 3;
 * negative test N42).
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "lib/fixture.h"

#define TRACING	"/sys/kernel/tracing/"
#define EVENTS	TRACING "events/mach/"
#define DEBUGFS	"/sys/kernel/debug/"

/* Mounts it if nobody has. */
static bool have_tracefs(void)
{
	if (access(TRACING "trace", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	return !access(TRACING "trace", F_OK);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	mt_check(fd >= 0);
	mt_check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static char *read_file(const char *path)
{
	static char text[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	mt_check(fd >= 0);
	while (length < sizeof(text) - 1 &&
	       (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	text[length] = '\0';
	close(fd);
	return text;
}

/* Sixteen hexadecimal digits that begin as kernel addresses do. */
static bool shows_kernel_address(const char *text)
{
	const char *at = text;

	while ((at = strstr(at, "ffff"))) {
		if (strspn(at, "0123456789abcdef") == 16)
			return true;
		at += 4;
	}
	return false;
}

/* One of each: messages, rights, memory, notifications, an error. */
static void do_some_of_everything(const struct mt_task *task)
{
	__u32 port = mt_port(task), notify = mt_receive_right(task);
	struct mt_message message;

	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_memory(&message, mt_map_filled(8, 1), 8 * MT_PAGE, 0);
	mt_must(mt_send(task, &message));
	mt_must(mt_receive(task, port, &message, 0));
	mt_must(mt_deallocate(task, mt_right(&message, 0)));
	mt_check(mt_notified(task, notify, MACH_NOTIFY_SEND_ONCE, 0));
	mt_check(mt_destroy(task, MT_UNUSED) == KERN_INVALID_NAME);
}

TEST_F(mach, trace_events)
{
	static const char *const events[] = {
		"mach_send", "mach_receive", "mach_right", "mach_notify",
		"mach_capture", "mach_map", "mach_error", "mach_stage",
	};
	char *text;

	if (!have_tracefs())
		SKIP(return, "no tracefs");
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		char path[128];

		snprintf(path, sizeof(path), EVENTS "%s/format", events[i]);
		EXPECT_EQ(0, access(path, R_OK))
			TH_LOG("%s", events[i]);
	}
	mt_share_all();
	write_file(TRACING "trace", "\n");
	write_file(EVENTS "enable", "1");
	do_some_of_everything(&self->task);
	write_file(EVENTS "enable", "0");
	text = read_file(TRACING "trace");
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		char word[32];

		snprintf(word, sizeof(word), " %s: ", events[i]);
		EXPECT_NE(NULL, strstr(text, word))
			TH_LOG("%s", events[i]);
	}
	EXPECT_FALSE(shows_kernel_address(text));
	write_file(TRACING "trace", "\n");
}

static void check_debug_file(struct __test_metadata *_metadata,
			     const char *name)
{
	char path[512];
	const char *text;

	snprintf(path, sizeof(path), DEBUGFS "mach/%s", name);
	text = read_file(path);
	EXPECT_NE('\0', text[0])
		TH_LOG("%s is empty", name);
	EXPECT_FALSE(shows_kernel_address(text))
		TH_LOG("%s", name);
}

TEST_F(mach, N42_debugfs)
{
	struct dirent *entry;
	int files = 0;
	DIR *dir;

	if (access(DEBUGFS "mach", F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	dir = opendir(DEBUGFS "mach");
	ASSERT_NE(NULL, dir);
	do_some_of_everything(&self->task);
	while ((entry = readdir(dir))) {
		if (entry->d_type != DT_REG)
			continue;
		check_debug_file(_metadata, entry->d_name);
		files++;
	}
	closedir(dir);
	EXPECT_LT(0, files);
}

TEST_HARNESS_MAIN
