// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that comes out of the module, looked at word by word: no address
 * of the kernel, and no byte of the allocator's poison (negative tests N11,
 * N42).
 *
 * Boot with init_on_alloc=0 slub_debug=P page_poison=1: then an object that was
 * not filled has 0x5a in it when it is new, and 0x6b when it was freed, a page
 * 0xaa.  Without that only addresses are found; confidential.c finds what is
 * not filled by other means.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>

#include "lib/descriptors.h"
#include "lib/fixture.h"
#include "lib/listing.h"
#include "lib/mach_calls.h"

/* ---- what must not be seen ---- */

/*
 * The kernel's half of the addresses begins at 0xffff8000..., or with five
 * levels of page tables at 0xff000000...  Two numbers of 32 bits may look like
 * one: a pid and a uid.
 */
static bool is_address(__u64 word)
{
	return word >> 56 == 0xff && (__u32)word && (__u32)word != ~0U;
}

/* Says what is wrong with it, if something is. */
static bool is_clean(const void *bytes, size_t size, const char *what, int nr)
{
	const __u8 *byte = bytes;
	__u64 word;

	for (size_t i = 0; i + 4 <= size; i += 4) {
		memcpy(&word, byte + i, 4);
		if ((__u32)word == 0x5a5a5a5a || (__u32)word == 0x6b6b6b6b ||
		    (__u32)word == 0xa56b6b6b || (__u32)word == 0xaaaaaaaa) {
			fprintf(stderr, "# %s %d: poison at %zu of %zu\n",
				what, nr, i, size);
			return false;
		}
		if (i + 8 > size)
			break;
		memcpy(&word, byte + i, 8);
		if (is_address(word)) {
			fprintf(stderr, "# %s %d: %#llx at %zu of %zu\n",
				what, nr, (unsigned long long)word, i, size);
			return false;
		}
	}
	return true;
}

/* An address of the kernel, in hexadecimal or decimal. */
static const char *find_address(const char *text)
{
	const char *at;

	for (at = text; (at = strstr(at, "ff")); at++)
		if (strspn(at, "0123456789abcdef") == 16 &&
		    is_address(strtoull(at, NULL, 16)))
			return at;
	for (at = text; (at = strstr(at, "18")); at++)
		if (strspn(at, "0123456789") == 20 &&
		    is_address(strtoull(at, NULL, 10)))
			return at;
	return NULL;
}

static bool is_clean_text(const char *text, const char *what)
{
	const char *found = find_address(text);

	if (found) {
		fprintf(stderr, "# %s: %.40s\n", what, found);
		return false;
	}
	return !strstr(text, "kkkkkkkk") && !strstr(text, "ZZZZZZZZ");
}

/* ---- all calls ---- */

union argument {
	struct {
		__u32 size, flags;
		__s32 ret;
		__u32 task, name;
	};
	__u32 words[128];
};

/*
 * Each command with each size of struct, on names of every kind: at the place
 * of a name and at that of a second one.  Most are errors.
 */
static bool calls_are_clean(const struct mt_task *task, const __u32 *names,
			    int count)
{
	union argument argument;
	bool clean = true;

	for (int nr = 0; nr < 64; nr++) {
		if (_IO(MACH_IOC_MAGIC, nr) == MACH_IOC_MSG ||
		    _IO(MACH_IOC_MAGIC, nr) == MACH_IOC_SET_BOOTSTRAP ||
		    _IO(MACH_IOC_MAGIC, nr) == MACH_IOC_PORT_DESTROY)
			continue;
		for (__u32 size = 16; size <= 264; size += 8) {
			for (int i = 0; i < count; i++) {
				memset(&argument, 0, sizeof(argument));
				argument.size = size;
				argument.task = task->self;
				argument.name = names[i];
				ioctl(task->fd, _IO(MACH_IOC_MAGIC, nr),
				      &argument);
				clean &= is_clean(&argument, sizeof(argument),
						  "command", nr);
			}
		}
	}
	return clean;
}

TEST_F(mach, N11_all_calls)
{
	const struct mt_task *task = &self->task;
	__u32 names[7] = {
		[1] = mt_port(task), [2] = mt_set(task),
		[3] = mt_dead_name(task), [5] = task->self,
	};
	struct mt_message message;

	names[4] = mt_make_send_once(task, names[1]);
	names[6] = mt_receive_right(task);
	mt_must(mt_move_member(task, names[6], names[2]));
	mt_arm(task, names[1], MACH_NOTIFY_NO_SENDERS, names[6]);
	mt_begin(&message, names[1], MACH_MSG_TYPE_COPY_SEND);
	mt_put_memory(&message, mt_map_filled(8, 1), 8 * MT_PAGE, 0);
	mt_must(mt_send(task, &message));
	EXPECT_TRUE(calls_are_clean(task, names, ARRAY_SIZE(names)));
}

/* ---- all sizes of messages, with a trailer ---- */

static __s32 receive(const struct mt_task *task, __u32 port,
		     struct mt_message *message, struct mach_trailer *trailer)
{
	struct mach_ioc_msg call = {
		.option = MACH_RCV_MSG | MACH_RCV_TIMEOUT,
		.msg = (unsigned long)message->bytes,
		.rcv_size = MT_ROOM,
		.rcv_name = port,
		.trailer = (unsigned long)trailer,
		.trailer_size = sizeof(*trailer),
	};
	__s32 ret;

	memset(message->bytes, 0, MT_ROOM);
	memset(trailer, 0, sizeof(*trailer));
	ret = mt_msg(task, &call);
	message->size = ret == MACH_MSG_SUCCESS ? message->head.size : 0;
	return ret;
}

static bool passes_clean(const struct mt_task *task, __u32 port,
			 struct mt_message *message)
{
	struct mach_trailer trailer;

	mt_must(mt_send(task, message));
	mt_must(receive(task, port, message, &trailer));
	return is_clean(message->bytes, MT_ROOM, "message",
			message->head.size) &&
	       is_clean(&trailer, sizeof(trailer), "trailer", 0);
}

TEST_F(mach, N11_messages)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	char data[4000] = "";

	for (__u32 bytes = 0; bytes < sizeof(data);
	     bytes += bytes < 64 ? 1 : 61) {
		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_reply_to(&message, port, MACH_MSG_TYPE_MAKE_SEND);
		mt_put_data(&message, data, bytes);
		ASSERT_TRUE(passes_clean(task, port, &message));
	}
}

TEST_F(mach, N11_rights_and_regions)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task), sent[64] = { 0 };
	char *memory = mt_map(4);
	struct mt_message message;

	for (__u32 number = 0; number < 64; number++) {
		__u32 bytes = 1 + number * 131;
		char *region;

		mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
		mt_put_rights_array(&message, sent, number,
				    MACH_MSG_TYPE_COPY_SEND, 0);
		mt_put_right(&message, number % 2 ? port : 0,
			     MACH_MSG_TYPE_COPY_SEND);
		mt_put_memory(&message, memory + number, bytes, 0);
		ASSERT_TRUE(passes_clean(task, port, &message));
		region = mt_memory(&message, 2);
		ASSERT_TRUE(is_clean((char *)((unsigned long)region &
					      -MT_PAGE),
				     ((unsigned long)region % MT_PAGE + bytes +
				      MT_PAGE - 1) & -MT_PAGE, "region",
				     bytes));
		mt_unmap((char *)((unsigned long)region & -MT_PAGE),
			 (unsigned long)region % MT_PAGE + bytes);
		if (number)
			mt_free_array(&message, 0);
	}
}

TEST_F(mach, N11_notifications)
{
	const struct mt_task *task = &self->task;
	__u32 notify = mt_receive_right(task), port, previous;
	struct mach_trailer trailer;
	struct mt_message message;
	int found = 0;

	port = mt_port(task);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, notify);
	mt_arm(task, port, MACH_NOTIFY_PORT_DESTROYED, notify);
	mt_arm(task, port, MACH_NOTIFY_NO_SENDERS, notify);
	mt_must(mt_deallocate(task, mt_make_send_once(task, notify)));
	mt_must(mt_mod_refs(task, port, MACH_PORT_RIGHT_SEND, -1));
	mt_must(mt_destroy(task, port));
	mt_request(task, port, MACH_NOTIFY_DEAD_NAME, 0, notify,
		   MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	while (!receive(task, notify, &message, &trailer)) {
		EXPECT_TRUE(is_clean(message.bytes, MT_ROOM, "notification",
				     message.head.id));
		EXPECT_TRUE(is_clean(&trailer, sizeof(trailer), "trailer", 0));
		found++;
	}
	EXPECT_LE(4, found);
}

TEST_F(mach, N11_snapshots)
{
	const struct mt_task *task = &self->task;
	__u32 port = mt_port(task);
	struct mt_message message;
	struct mt_listing listing;

	mt_dead_name(task);
	mt_arm(task, port, MACH_NOTIFY_DEAD_NAME, mt_receive_right(task));
	mt_must(mt_move_member(task, mt_receive_right(task), mt_set(task)));
	mt_new_fileport(task, 1);
	mt_begin(&message, port, MACH_MSG_TYPE_COPY_SEND);
	mt_put_right(&message, port, MACH_MSG_TYPE_MAKE_SEND);
	mt_put_memory(&message, mt_map_filled(8, 1), 8 * MT_PAGE, 0);
	mt_must(mt_send(task, &message));
	mt_list(task, task->self, &listing);
	EXPECT_TRUE(is_clean(listing.bytes, listing.size, "snapshot", 0));
	mt_free_listing(&listing);
	mt_list_all(task, &listing);
	EXPECT_TRUE(is_clean(listing.bytes, listing.size, "snapshot", 1));
	mt_free_listing(&listing);
}

/* ---- text ---- */

static char text[4 << 20];

static bool is_clean_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return true;
	while (length < sizeof(text) - 1 &&
	       (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	text[length] = '\0';
	close(fd);
	return is_clean_text(text, path);
}

static bool folder_is_clean(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool clean = true;
	char path[512];

	if (!dir)
		return true;
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_type == DT_REG)
			clean &= is_clean_file(path);
	}
	closedir(dir);
	return clean;
}

/* vsyscall is at the same address everywhere. */
static bool maps_are_clean(const char *path)
{
	char *line, *place;
	FILE *file = fopen(path, "re");
	char room[512];
	bool clean = true;

	mt_check(file);
	while ((line = fgets(room, sizeof(room), file))) {
		place = strstr(line, "[vsyscall]");
		if (!place)
			clean &= is_clean_text(line, path);
	}
	fclose(file);
	return clean;
}

TEST_F(mach, N42_text)
{
	const struct mt_task *task = &self->task;
	char *memory = mt_map_filled(8, 1), *region;
	__u32 port = mt_port(task);
	int length;

	mt_share_all();
	region = mt_pass_memory(task, memory, 8 * MT_PAGE, 0);
	mt_touch(region, 8);
	mt_watch(task, port);
	mt_hold_right(task, port);
	/* An error and a warning of each kind would be in the log. */
	mt_check(mt_destroy(task, MT_UNUSED) == KERN_INVALID_NAME);
	EXPECT_TRUE(maps_are_clean("/proc/self/maps"));
	EXPECT_TRUE(maps_are_clean("/proc/self/smaps"));
	EXPECT_TRUE(maps_are_clean("/proc/self/numa_maps"));
	EXPECT_TRUE(folder_is_clean("/proc/self/fdinfo"));
	EXPECT_TRUE(folder_is_clean("/sys/module/mach/parameters"));
	if (access("/sys/kernel/debug/mach", F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	EXPECT_TRUE(folder_is_clean("/sys/kernel/debug/mach"));
	length = klogctl(3, text, sizeof(text) - 1);
	ASSERT_LT(0, length);
	text[length] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "mach"))
			EXPECT_TRUE(is_clean_text(line, "log"));
}

TEST_HARNESS_MAIN
