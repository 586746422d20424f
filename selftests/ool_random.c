// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that are written, discarded, moved about, inherited, sent, received
 * and sent on in any order: a model of tags, one per page, says what each of
 * them must hold (spec 3.1 O2, O13, O26; negative test N5).
 *
 * What happens depends on the seed only.  MACH_SEED in the environment adds
 * to the seeds, MACH_STEPS says how long it goes on.
 */
#include <sys/mman.h>

#include "lib/fixture.h"
#include "lib/source.h"

#define STEPS		800
#define MAX_REGIONS	16
#define MAX_PENDING	4
#define MAX_CHILDREN	2
#define MAX_SMALL	48
#define HUGE		512

enum kind { PRIVATE, SHARED, RECEIVED };

struct region {
	char *memory;
	unsigned long pages;
	enum kind kind;
	__u64 *tags;		/* of the pages; 0: zeroes */
};

static struct region regions[MAX_REGIONS];
static int region_count;
static struct region pending[MAX_PENDING];	/* without memory yet */
static int pending_count;
static struct child {
	pid_t pid;
	int tell;		/* to end it */
} children[MAX_CHILDREN];
static int child_count;

static const struct mt_task *task;
static __u32 port;
static __u64 last_tag;
static unsigned int state;	/* of the generator */
static int step;

/* xorshift: the same numbers on every machine. */
static unsigned int number(unsigned int below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

/* ---- one page ---- */

static volatile __u64 *word(const struct region *region, unsigned long page,
			    bool last)
{
	return (__u64 *)(region->memory + page * MT_PAGE +
			 (last ? MT_PAGE - 8 : 0));
}

static void write_page(struct region *region, unsigned long page)
{
	region->tags[page] = ++last_tag;
	*word(region, page, false) = last_tag;
	*word(region, page, true) = last_tag;
}

static void check_region(const struct region *region, const char *who)
{
	for (unsigned long page = 0; page < region->pages; page++) {
		__u64 first = *word(region, page, false);
		__u64 last = *word(region, page, true);

		if (first == region->tags[page] && last == first)
			continue;
		fprintf(stderr, "# step %d, %s: page %lu of %lu (kind %d) has "
			"%llu and %llu, not %llu\n", step, who, page,
			region->pages, region->kind,
			(unsigned long long)first, (unsigned long long)last,
			(unsigned long long)region->tags[page]);
		mt_check(false);
	}
}

static void check_all(const char *who)
{
	for (int i = 0; i < region_count; i++)
		check_region(&regions[i], who);
}

/* What another process cannot change at the same time. */
static void check_private(const char *who)
{
	for (int i = 0; i < region_count; i++)
		if (regions[i].kind != SHARED)
			check_region(&regions[i], who);
}

/* ---- the list of regions ---- */

static void forget(int index)
{
	free(regions[index].tags);
	regions[index] = regions[--region_count];
}

static void drop(int index)
{
	mt_unmap(regions[index].memory, regions[index].pages * MT_PAGE);
	forget(index);
}

static struct region *add(char *memory, unsigned long pages, enum kind kind)
{
	struct region *region;

	if (region_count == MAX_REGIONS)
		drop(number(region_count));
	region = &regions[region_count++];
	*region = (struct region) {
		.memory = memory,
		.pages = pages,
		.kind = kind,
		.tags = calloc(pages, sizeof(__u64)),
	};
	mt_check(region->tags);
	return region;
}

static void write_some(struct region *region)
{
	for (int i = number(8); i >= 0; i--)
		write_page(region, number(region->pages));
}

/* ---- what can happen ---- */

static void create(void)
{
	unsigned long pages = 1 + number(MAX_SMALL);
	struct region *region;
	char *memory;

	switch (number(6)) {
	case 0:
		memory = mmap(NULL, pages * MT_PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		mt_check(memory != MAP_FAILED);
		region = add(memory, pages, SHARED);
		break;
	case 1:
		memory = mt_map_huge(1, 0);
		if (memory) {
			region = add(memory, HUGE, PRIVATE);
			memset(memory, 0, MT_HUGE);
			break;
		}
		/* fallthrough */
	default:
		region = add(mt_map(pages), pages, PRIVATE);
	}
	write_some(region);
}

static void discard(struct region *region)
{
	unsigned long first = number(region->pages);
	unsigned long count = 1 + number(region->pages - first);

	/* What a discarded page of received memory shows is not one thing. */
	if (region->kind == RECEIVED)
		return;
	mt_must(madvise(region->memory + first * MT_PAGE, count * MT_PAGE,
			MADV_DONTNEED));
	if (region->kind == PRIVATE)
		memset(region->tags + first, 0, count * sizeof(__u64));
}

static void move_elsewhere(struct region *region)
{
	char *place = mt_map(region->pages);

	if (mremap(region->memory, region->pages * MT_PAGE,
		   region->pages * MT_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   place) == place)
		region->memory = place;
	else
		/* It consists of several mappings by now. */
		mt_check(errno == EFAULT);
}

static void protect_for_a_while(struct region *region)
{
	unsigned long first = number(region->pages);
	char *start = region->memory + first * MT_PAGE;
	unsigned long bytes = (1 + number(region->pages - first)) * MT_PAGE;

	mt_must(mprotect(start, bytes, number(2) ? PROT_READ : PROT_NONE));
	mt_must(mprotect(start, bytes, PROT_READ | PROT_WRITE));
}

static void advise(struct region *region)
{
	static const int advice[] = {
		MADV_PAGEOUT, MADV_COLD, 25 /* MADV_COLLAPSE */,
		MADV_MERGEABLE, MADV_WILLNEED,
	};

	madvise(region->memory, region->pages * MT_PAGE,
		advice[number(ARRAY_SIZE(advice))]);
}

static void poke(struct region *region)
{
	unsigned long page = number(region->pages);
	__u64 tag = ++last_tag;

	mt_check(mt_poke(getpid(), (void *)word(region, page, false), &tag,
			 sizeof(tag)));
	mt_check(mt_poke(getpid(), (void *)word(region, page, true), &tag,
			 sizeof(tag)));
	region->tags[page] = tag;
}

/* Sees what the parent had, and writes; nobody sees that. */
static void be_a_child(void)
{
	check_private("child");
	for (int i = 0; i < region_count; i++)
		if (regions[i].kind != SHARED)
			write_some(&regions[i]);
	check_private("child that wrote");
}

static void fork_and_wait(void)
{
	pid_t pid = mt_fork();

	if (pid == 0) {
		be_a_child();
		_exit(0);
	}
	mt_must(mt_wait_pid(pid));
}

static void end_child(struct child *child)
{
	mt_tell(child->tell, 0);
	close(child->tell);
	mt_must(mt_wait_pid(child->pid));
}

/* It holds the pages for a while; the oldest one ends for the newest. */
static void fork_and_keep(void)
{
	struct child *child = &children[step % MAX_CHILDREN];
	int channel[2];

	if (child_count == MAX_CHILDREN)
		end_child(child);
	else
		child = &children[child_count++];
	mt_must(pipe(channel));
	child->tell = channel[1];
	child->pid = mt_fork();
	if (child->pid == 0) {
		close(channel[1]);
		be_a_child();
		mt_await(channel[0]);
		check_private("child that waited");
		_exit(0);
	}
	close(channel[0]);
}

/* ---- messages ---- */

static void receive(void)
{
	struct region *region;

	if (!pending_count)
		return;
	region = add(mt_receive_memory(task, port), pending[0].pages,
		     RECEIVED);
	memcpy(region->tags, pending[0].tags, region->pages * sizeof(__u64));
	free(pending[0].tags);
	memmove(pending, pending + 1, --pending_count * sizeof(*pending));
	if (number(2))
		check_region(region, "just received");
}

static void queue(const struct region *region, unsigned long first,
		  unsigned long pages, __u64 flags)
{
	struct region *message;

	if (pending_count == MAX_PENDING)
		receive();
	message = &pending[pending_count++];
	message->pages = pages;
	message->tags = calloc(pages, sizeof(__u64));
	mt_check(message->tags);
	memcpy(message->tags, region->tags + first, pages * sizeof(__u64));
	mt_must(mt_send_memory(task, port, MACH_MSG_TYPE_COPY_SEND,
			       region->memory + first * MT_PAGE,
			       pages * MT_PAGE, flags));
}

/* By index: receiving may drop a region and put another in its place. */
static void send_part(int index)
{
	const struct region *region;
	unsigned long first;

	while (pending_count == MAX_PENDING)
		receive();
	region = &regions[index % region_count];
	first = number(region->pages);
	queue(region, first, 1 + number(region->pages - first), 0);
}

/* The end of it, or all. */
static void move_part(int index)
{
	struct region *region;
	unsigned long first;

	while (pending_count == MAX_PENDING)
		receive();
	index %= region_count;
	region = &regions[index];
	first = number(2) ? 0 : number(region->pages);
	queue(region, first, region->pages - first, MACH_MSG_DESC_DEALLOCATE);
	region->pages = first;
	if (!first)
		forget(index);
}

static void act_on(int index)
{
	struct region *region = &regions[index];

	switch (number(12)) {
	case 0:
	case 1:
		write_some(region);
		break;
	case 2:
		check_region(region, "at random");
		break;
	case 3:
		discard(region);
		break;
	case 4:
		move_elsewhere(region);
		break;
	case 5:
		protect_for_a_while(region);
		break;
	case 6:
		advise(region);
		break;
	case 7:
		poke(region);
		break;
	case 8:
	case 9:
	case 10:
		send_part(index);
		break;
	default:
		move_part(index);
	}
}

static void act(void)
{
	unsigned int what = number(40);

	if (!region_count || what < 4)
		create();
	else if (what < 10)
		receive();
	else if (what == 10)
		fork_and_wait();
	else if (what == 11)
		fork_and_keep();
	else if (what == 12)
		drop(number(region_count));
	else
		act_on(number(region_count));
}

static int from_environment(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value ? atoi(value) : otherwise;
}

static void run(const struct mt_task *of, unsigned int seed,
		__u64 share_min)
{
	int steps = from_environment("MACH_STEPS", STEPS);

	task = of;
	port = mt_port(task);
	state = seed + 10000 * from_environment("MACH_SEED", 0);
	mt_set_param("share_min", share_min);
	for (step = 0; step < steps; step++) {
		act();
		if (step % 32 == 0)
			check_all("now and then");
	}
	while (child_count)
		end_child(&children[--child_count]);
	while (pending_count)
		receive();
	check_all("in the end");
}

TEST_F_TIMEOUT(mach, N5_everything_shared, 120)
{
	run(&self->task, 1, 0);
}

TEST_F_TIMEOUT(mach, N5_everything_shared_on_one_cpu, 120)
{
	mt_one_cpu(0);
	run(&self->task, 22, 0);
}

TEST_F_TIMEOUT(mach, N5_small_ones_copied, 120)
{
	run(&self->task, 333, 16384);
}

TEST_F_TIMEOUT(mach, N5_everything_copied, 120)
{
	run(&self->task, 4444, 1 << 30);
}

TEST_HARNESS_MAIN
