// SPDX-License-Identifier: GPL-2.0
/*
 * While a call waits for a page of the caller's memory (userfaultfd), another
 * thread changes what that memory is: unmaps, protects, replaces, moves or
 * discards parts of it.  The call ends with the memory as it was or as it is,
 * page by page, or with the documented error and without a message (spec 3.1
 * O14; negative tests N3, N8).
 */
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/pager.h"

/* A page that is not there, between pages that are. */
#define BEFORE	4
#define AFTER	4
#define PAGES	(BEFORE + 1 + AFTER)
#define BYTES	(PAGES * MT_PAGE)
#define MISSING	(BEFORE * MT_PAGE)
#define REST	(MISSING + MT_PAGE)

/* ---- what the other thread does ---- */

static void unmap_missing(char *region)
{
	mt_must(munmap(region + MISSING, MT_PAGE));
}

static void unmap_rest(char *region)
{
	mt_must(munmap(region + REST, AFTER * MT_PAGE));
}

static void unmap_before(char *region)
{
	mt_must(munmap(region, MISSING));
}

static void unmap_all(char *region)
{
	mt_must(munmap(region, BYTES));
}

static void forbid_missing(char *region)
{
	mt_must(mprotect(region + MISSING, MT_PAGE, PROT_NONE));
}

static void forbid_rest(char *region)
{
	mt_must(mprotect(region + REST, AFTER * MT_PAGE, PROT_NONE));
}

static void forbid_writing(char *region)
{
	mt_must(mprotect(region, BYTES, PROT_READ));
}

static void replace(char *at, unsigned long bytes)
{
	mt_check(mmap(at, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
	memset(at, 'n', bytes);
}

static void replace_rest(char *region)
{
	replace(region + REST, AFTER * MT_PAGE);
}

static void replace_all(char *region)
{
	replace(region, BYTES);
}

static void move_rest(char *region)
{
	char *place = mt_map(AFTER);

	mt_check(mremap(region + REST, AFTER * MT_PAGE, AFTER * MT_PAGE,
			MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
}

static void discard_rest(char *region)
{
	mt_must(madvise(region + REST, AFTER * MT_PAGE, MADV_DONTNEED));
}

/* When does the change end the send? */
enum ends {
	NEVER,
	COPIED,		/* what is shared was taken before the wait */
	ALWAYS,
};

static const struct change {
	const char *name;
	void (*make)(char *region);
	enum ends ends;
} changes[] = {
	{ "unmap missing", unmap_missing, ALWAYS },
	{ "unmap rest", unmap_rest, COPIED },
	{ "unmap before", unmap_before, NEVER },
	{ "unmap all", unmap_all, ALWAYS },
	{ "forbid missing", forbid_missing, ALWAYS },
	{ "forbid rest", forbid_rest, COPIED },
	{ "forbid writing", forbid_writing, NEVER },
	{ "replace rest", replace_rest, NEVER },
	{ "replace all", replace_all, NEVER },
	{ "move rest", move_rest, COPIED },
	{ "discard rest", discard_rest, NEVER },
};

/* ---- the region, and who waits for its fault ---- */

struct scene {
	const struct change *change;
	struct mt_pager pager;
	char *region;
	pthread_t thread;
};

/* At the first fault the change is made, then the page comes, if it can. */
static void *change_and_fill(void *arg)
{
	struct scene *scene = arg;
	struct uffd_msg event;
	unsigned long missing = (unsigned long)scene->region + MISSING;
	char filled[MT_PAGE];
	struct uffdio_range range = { .start = missing, .len = MT_PAGE };
	struct uffdio_copy copy = {
		.dst = missing,
		.src = (unsigned long)filled,
		.len = MT_PAGE,
	};

	memset(filled, 'f', MT_PAGE);
	mt_check(read(scene->pager.fd, &event, sizeof(event)) == sizeof(event));
	scene->change->make(scene->region);
	if (ioctl(scene->pager.fd, UFFDIO_COPY, &copy))
		mt_must(ioctl(scene->pager.fd, UFFDIO_WAKE, &range));
	return NULL;
}

static bool watch(struct scene *scene)
{
	scene->region = mt_map(PAGES);
	return mt_pager_watch(&scene->pager, scene->region + MISSING, MT_PAGE,
			      UFFDIO_REGISTER_MODE_MISSING, 0);
}

static bool has_pagers(void)
{
	struct scene scene;
	bool has = watch(&scene);

	if (has)
		close(scene.pager.fd);
	mt_unmap(scene.region, BYTES);
	return has;
}

static void set_scene(struct scene *scene, const struct change *change)
{
	scene->change = change;
	mt_check(watch(scene));
	memset(scene->region, 'v', MISSING);
	memset(scene->region + REST, 'v', AFTER * MT_PAGE);
	mt_must(pthread_create(&scene->thread, NULL, change_and_fill, scene));
}

static void end_scene(struct scene *scene)
{
	mt_must(pthread_join(scene->thread, NULL));
	close(scene->pager.fd);
	munmap(scene->region, BYTES);
}

/* ---- a region ---- */

/* Each page is of one kind: old, filled in, new, or discarded (0). */
static bool pages_are_whole(const char *memory)
{
	int i;

	for (i = 0; i < PAGES; i++) {
		const char *page = memory + i * MT_PAGE;

		if (!strchr(i == BEFORE ? "fn" : "vn", *page) ||
		    memcmp(page, page + 1, MT_PAGE - 1))
			return false;
	}
	return true;
}

static bool region_is_right(const struct mt_task *task,
			    const struct change *change, bool copied,
			    __u64 flags)
{
	bool ends = change->ends + copied >= ALWAYS;
	__u32 port = mt_port(task);
	struct scene scene;
	char *received;
	bool good;
	__s32 ret;

	set_scene(&scene, change);
	ret = mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
			     scene.region, BYTES, flags);
	if (!ends && ret == MACH_MSG_SUCCESS) {
		received = mt_receive_memory(task, port);
		good = pages_are_whole(received);
		mt_unmap(received, BYTES);
	} else {
		good = ends && ret == MACH_SEND_INVALID_MEMORY &&
		       mt_empty(task, port);
	}
	if (!good)
		fprintf(stderr, "# %s, %s, flags %llu: %#x\n", change->name,
			copied ? "copied" : "shared",
			(unsigned long long)flags, ret);
	end_scene(&scene);
	mt_must(mt_destroy(task, port));
	return good;
}

TEST_F_TIMEOUT(mach, O14_N8_region_changes_in_the_midst, 120)
{
	static const __u64 flags[] = { 0, MACH_MSG_DESC_DEALLOCATE };
	const struct mt_task *task = &self->task;
	__u64 objects = mt_live(task, MT_LIVE(objects));
	size_t i;
	int n;

	if (!has_pagers())
		SKIP(return, "no userfaultfd");
	for (n = 0; n < 4; n++) {
		mt_set_param("share_min", n / 2 ? 1 << 30 : 0);
		for (i = 0; i < ARRAY_SIZE(changes); i++)
			EXPECT_TRUE(region_is_right(task, &changes[i],
						    n / 2, flags[n % 2]));
	}
	EXPECT_TRUE(mt_live_becomes(task, MT_LIVE(objects), objects));
}

TEST_HARNESS_MAIN
