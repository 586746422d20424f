// SPDX-License-Identifier: GPL-2.0
/*
 * Sending memory of any kind, and what must hold of it: see source.h.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source.h"

#define FLAGS_ROOM	256

/* mt_check() that says which source it was. */
#define hold(source, condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "# source: %s\n",		\
				(source)->name ?: "(one kind)");	\
			mt_fail(__FILE__, __LINE__, #condition, 0);	\
		}							\
	} while (0)

static char *first_page(const struct mt_source *source)
{
	return (char *)((uintptr_t)source->memory & -MT_PAGE);
}

/* Pages that the region touches. */
static unsigned long page_count(const struct mt_source *source)
{
	uintptr_t end = (uintptr_t)source->memory + source->bytes;

	return (end + MT_PAGE - 1) / MT_PAGE -
	       (uintptr_t)source->memory / MT_PAGE;
}

/* The line of flags of the mapping, and its protection. */
static void mapping_flags(const void *address, char flags[FLAGS_ROOM])
{
	unsigned long at = (uintptr_t)address, start, end;
	FILE *file = fopen("/proc/self/smaps", "re");
	char line[512], protection[5] = "";
	bool inside = false;

	mt_check(file);
	flags[0] = '\0';
	while (!flags[0] && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx %4s", &start, &end, protection) == 3)
			inside = start <= at && at < end;
		else if (inside && !strncmp(line, "VmFlags:", 8))
			snprintf(flags, FLAGS_ROOM, "%s %.200s", protection,
				 line + 8);
	}
	fclose(file);
	mt_check(flags[0]);
}

bool mt_plain(const struct mt_task *task, const char *received)
{
	char have[FLAGS_ROOM], want[FLAGS_ROOM];
	char *page = mt_map_filled(1, 1), *plain;

	plain = mt_pass_memory(task, page, MT_PAGE, 0);
	mapping_flags(plain, want);
	mapping_flags(received, have);
	mt_unmap(plain, MT_PAGE);
	mt_unmap(page, MT_PAGE);
	if (strcmp(have, want))
		fprintf(stderr, "# flags %s# not  %s", have, want);
	return !strcmp(have, want) && !strncmp(have, "rw-p", 4) &&
	       mt_smaps(received, "ProtectionKey:") <= 0;
}

bool mt_all(const void *address, unsigned long bytes, int value)
{
	const char *byte = address;

	return !bytes ||
	       (byte[0] == (char)value && !memcmp(byte, byte + 1, bytes - 1));
}

bool mt_source_arrived(const struct mt_source *source, const char *received)
{
	unsigned long at;

	if (!source->want)
		return mt_all(received, source->bytes, 0);
	if (!memcmp(received, source->want, source->bytes))
		return true;
	for (at = 0; at < source->bytes; at++) {
		if (received[at] == source->want[at])
			continue;
		fprintf(stderr, "# byte %lu of %lu is %#x, not %#x\n", at,
			source->bytes, received[at] & 0xff,
			source->want[at] & 0xff);
		return false;
	}
	return true;
}

/* What arrived beside the region, on its first and last page, is zero. */
static bool edges_are_zero(const struct mt_source *source,
			   const char *received)
{
	unsigned long head = (uintptr_t)received & (MT_PAGE - 1);
	unsigned long tail = -((uintptr_t)received + source->bytes) &
			     (MT_PAGE - 1);

	return ((uintptr_t)source->memory & (MT_PAGE - 1)) == head &&
	       mt_all(received - head, head, 0) &&
	       mt_all(received + source->bytes, tail, 0);
}

/* Do the counters say how it was to travel? */
static bool counted(const struct mt_source *source,
		    const struct mach_ioc_stats *stats, bool move)
{
	__u64 by_reference = move ? stats->pages_moved : stats->pages_shared;
	__u64 copied = 0;
	bool good;
	int i;

	for (i = 0; i < MACH_COPY_REASONS; i++)
		if (source->reasons & (1U << i))
			copied += stats->pages_copied[i];
	good = by_reference + stats->pages_hole + copied ==
		       page_count(source) &&
	       mt_copied(stats) == copied &&
	       (move ? stats->pages_shared : stats->pages_moved) == 0 &&
	       stats->pages_hole == source->holes &&
	       (source->loose || by_reference == source->shared);
	if (good)
		return true;
	fprintf(stderr, "# of %lu: shared %llu moved %llu holes %llu copied",
		page_count(source), (unsigned long long)stats->pages_shared,
		(unsigned long long)stats->pages_moved,
		(unsigned long long)stats->pages_hole);
	for (i = 0; i < MACH_COPY_REASONS; i++)
		fprintf(stderr, " %llu",
			(unsigned long long)stats->pages_copied[i]);
	fprintf(stderr, "\n");
	return false;
}

#define PAGEMAP_PRESENT	(1ULL << 63)
#define PAGEMAP_FRAME	((1ULL << 55) - 1)

/* As mt_frame() of every page: looking at them does not change them. */
static __u64 *frames_of(const struct mt_source *source, const char *address)
{
	unsigned long pages = page_count(source), i;
	off_t at = (uintptr_t)address / MT_PAGE * sizeof(__u64);
	__u64 *frames = malloc(pages * sizeof(*frames));
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	mt_check(frames && fd >= 0);
	mt_check(pread(fd, frames, pages * sizeof(*frames), at) ==
		 (ssize_t)(pages * sizeof(*frames)));
	close(fd);
	for (i = 0; i < pages; i++)
		frames[i] = frames[i] & PAGEMAP_PRESENT ?
				    frames[i] & PAGEMAP_FRAME : 0;
	return frames;
}

static __u64 zero_frame(void)
{
	char *page = mt_map(1);
	__u64 frame;

	mt_touch(page, 1);
	frame = mt_frame(page);
	mt_unmap(page, MT_PAGE);
	return frame;
}

/*
 * As many pages are the same as were counted.  What was not present before
 * cannot be compared: a page that was swapped out was brought in.  Up to
 * @recycled more can be the same by accident: those that the sender gave away,
 * that were copied, and that were free when the receiver needed some.
 */
static void check_frames(const struct mt_source *source, const __u64 *before,
			 const char *received, __u64 by_reference,
			 __u64 recycled)
{
	unsigned long pages = page_count(source), i, same = 0, absent = 0;
	__u64 *after, zero = zero_frame();

	mt_touch((char *)((uintptr_t)received & -MT_PAGE), pages);
	after = frames_of(source, received);
	for (i = 0; i < pages; i++) {
		absent += !before[i];
		same += before[i] && before[i] != zero &&
			before[i] == after[i];
	}
	free(after);
	if ((same >= by_reference && same <= by_reference + recycled) ||
	    (same < by_reference && same + absent >= by_reference))
		return;
	fprintf(stderr, "# %lu frames are the same, %llu were counted\n", same,
		(unsigned long long)by_reference);
	hold(source, same == by_reference);
}

static bool page_is_mapped(const struct mt_source *source, unsigned long page)
{
	return mt_mapped(first_page(source) + page * MT_PAGE);
}

void mt_source_begin(void)
{
	mt_one_cpu(0);
	mt_share_all();
}

char *mt_source_copy(const struct mt_task *task,
		     const struct mt_source *source)
{
	char flags[FLAGS_ROOM], flags_now[FLAGS_ROOM], *received;
	__u64 *frames = frames_of(source, source->memory);
	struct mach_ioc_stats before, stats;
	__u32 port = mt_receive_right(task);

	mapping_flags(source->memory, flags);
	before = mt_stats(task, 0);
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND,
			       source->memory, source->bytes, 0));
	stats = mt_since(task, &before);
	hold(source, counted(source, &stats, false));
	mapping_flags(source->memory, flags_now);
	hold(source, !strcmp(flags, flags_now));

	received = mt_receive_memory(task, port);
	mt_must(mt_destroy(task, port));
	hold(source, mt_plain(task, received));
	hold(source, mt_source_arrived(source, received));
	hold(source, edges_are_zero(source, received));
	hold(source, mt_source_arrived(source, source->memory));
	check_frames(source, frames, received, stats.pages_shared, 0);
	free(frames);
	return received;
}

char *mt_source_move(const struct mt_task *task,
		     const struct mt_source *source)
{
	__u64 *frames = frames_of(source, source->memory);
	struct mach_ioc_stats before, stats;
	__u32 port = mt_receive_right(task);
	char *received;
	unsigned long page;

	before = mt_stats(task, 0);
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND,
			       source->memory, source->bytes,
			       MACH_MSG_DESC_DEALLOCATE));
	stats = mt_since(task, &before);
	hold(source, counted(source, &stats, true));
	for (page = 0; page < page_count(source); page++)
		hold(source, !page_is_mapped(source, page));

	received = mt_receive_memory(task, port);
	mt_must(mt_destroy(task, port));
	hold(source, mt_plain(task, received));
	hold(source, mt_source_arrived(source, received));
	hold(source, edges_are_zero(source, received));
	check_frames(source, frames, received, stats.pages_moved,
		     mt_copied(&stats));
	free(frames);
	return received;
}

/* All of it? */
static bool writable(const struct mt_source *source)
{
	unsigned long at = (uintptr_t)source->memory, start, end;
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512], protection[5];
	bool all = true;

	mt_check(file);
	while (fgets(line, sizeof(line), file)) {
		mt_check(sscanf(line, "%lx-%lx %4s", &start, &end,
				protection) == 3);
		if (start < at + source->bytes && at < end)
			all &= protection[1] == 'w';
	}
	fclose(file);
	return all;
}

void mt_source_overwrite(const struct mt_source *source)
{
	if (writable(source))
		memset(source->memory, MT_BY_SENDER, source->bytes);
}

void mt_source_unmap(const struct mt_source *source)
{
	mt_unmap(first_page(source), page_count(source) * MT_PAGE);
}

void mt_source_apart(const struct mt_source *source, char *received)
{
	bool change = writable(source);

	mt_source_overwrite(source);
	hold(source, mt_source_arrived(source, received));
	memset(received, MT_BY_RECEIVER, source->bytes);
	hold(source, change ? mt_all(source->memory, source->bytes, MT_BY_SENDER) :
			  mt_source_arrived(source, source->memory));
	mt_source_overwrite(source);
	hold(source, mt_all(received, source->bytes, MT_BY_RECEIVER));
}

void mt_source_in_flight(const struct mt_task *task,
			 const struct mt_source *source,
			 void (*change)(const struct mt_source *source))
{
	__u32 port = mt_receive_right(task);
	char *received;

	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_MAKE_SEND,
			       source->memory, source->bytes, 0));
	change(source);
	received = mt_receive_memory(task, port);
	mt_must(mt_destroy(task, port));
	hold(source, mt_source_arrived(source, received));
	memset(received, MT_BY_RECEIVER, source->bytes);
	hold(source, mt_all(received, source->bytes, MT_BY_RECEIVER));
	mt_unmap((char *)((uintptr_t)received & -MT_PAGE),
		 page_count(source) * MT_PAGE);
}

void mt_source_all_ways(const struct mt_task *task,
			void (*make)(struct mt_source *source, void *arg),
			void *arg)
{
	struct mt_source source = { 0 };
	char *first, *second;

	make(&source, arg);
	first = mt_source_copy(task, &source);
	second = mt_source_copy(task, &source);
	mt_source_apart(&source, first);
	hold(&source, mt_source_arrived(&source, second));
	mt_source_apart(&source, second);
	hold(&source, mt_all(first, source.bytes, MT_BY_RECEIVER));
	mt_source_unmap(&source);
	hold(&source, mt_all(second, source.bytes, MT_BY_RECEIVER));

	make(&source, arg);
	mt_source_in_flight(task, &source, mt_source_overwrite);
	mt_source_unmap(&source);
	make(&source, arg);
	mt_source_in_flight(task, &source, mt_source_unmap);

	make(&source, arg);
	first = mt_source_move(task, &source);
	memset(first, MT_BY_RECEIVER, source.bytes);
	hold(&source, mt_all(first, source.bytes, MT_BY_RECEIVER));
}

bool mt_set_kernel(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return done;
}

long mt_get_kernel(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	size_t length = key ? strlen(key) : 0;
	char line[256];
	long value = -1;

	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!key || (!strncmp(line, key, length) &&
			     (line[length] == ' ' || line[length] == ':')))
			value = strtol(line + length + !!key, NULL, 10);
	fclose(file);
	return value;
}
