// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker has in its hands, and numbers at which something happens.
 */
#include <stdio.h>
#include <unistd.h>

#include "program.h"

__u64 fuzz_number(struct fuzz *f)
{
	static const __u64 edges[] = {
		0, 1, 2, 4, 7, 8, 15, 16, 31, 32, 48, 56, 4095, 4096, 4097,
		65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe,
		0xffffffff, 0x100000000, 0x7fffffffffff, 0x7fffffffffffffff,
	};

	switch (fuzz_below(f, 3)) {
	case 0:
		return edges[fuzz_below(f, sizeof(edges) / sizeof(*edges))];
	case 1:
		return fuzz_below(f, 20);
	default:
		/* Not one that could be taken for a leak, as above. */
		return fuzz_random(f) >> (1 + fuzz_below(f, 60));
	}
}

int fuzz_task(struct fuzz *f)
{
	return f->worker->task[f->task];
}

__u32 fuzz_self(struct fuzz *f)
{
	if (fuzz_once_in(f, 30))
		return fuzz_name(f);
	return f->worker->self[f->task];
}

/* Some names are in use more often, so that messages meet their receivers. */
static __u32 slot_of_name(struct fuzz *f)
{
	return fuzz_below(f, fuzz_once_in(f, 2) ? FUZZ_HOT_NAMES : FUZZ_NAMES);
}

__u32 fuzz_name(struct fuzz *f)
{
	__u32 name = MACH_PORT_NULL;
	int tries;

	if (fuzz_once_in(f, 20))
		return fuzz_number(f);
	for (tries = 0; tries < 4 && name == MACH_PORT_NULL; tries++)
		name = f->worker->name[f->task][slot_of_name(f)];
	return name;
}

void fuzz_keep_name(struct fuzz *f, __u32 name)
{
	if (name != MACH_PORT_NULL)
		f->worker->name[f->task][fuzz_below(f, FUZZ_NAMES)] = name;
}

int fuzz_file(struct fuzz *f)
{
	if (fuzz_once_in(f, 20))
		return fuzz_number(f);
	return f->worker->file[fuzz_below(f, FUZZ_FILES)];
}

void fuzz_keep_file(struct fuzz *f, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = __atomic_exchange_n(&f->worker->file[fuzz_below(f, FUZZ_FILES)],
				  fd, __ATOMIC_RELAXED);
	if (old >= 0)
		close(old);
}

struct fuzz_region fuzz_range(struct fuzz *f)
{
	struct fuzz_region range;
	unsigned long skip;

	range = f->worker->region[fuzz_below(f, FUZZ_REGIONS)];
	if (!range.address || fuzz_once_in(f, 50)) {
		range.address = (char *)fuzz_number(f);
		range.bytes = fuzz_number(f);
		return range;
	}
	if (fuzz_once_in(f, 2))
		return range;
	skip = fuzz_random(f) % range.bytes;
	if (fuzz_once_in(f, 2))
		skip &= -4096UL;
	range.address += skip;
	range.bytes -= skip;
	if (fuzz_once_in(f, 2))
		range.bytes = 1 + fuzz_random(f) % range.bytes;
	return range;
}

void fuzz_keep_region(struct fuzz *f, void *address, unsigned long bytes)
{
	struct fuzz_region *slot;

	if (!address || !bytes)
		return;
	slot = &f->worker->region[fuzz_below(f, FUZZ_REGIONS)];
	slot->address = NULL;
	slot->bytes = bytes;
	slot->address = address;
}

struct fuzz_region fuzz_take_region(struct fuzz *f)
{
	struct fuzz_region *slot, taken;

	slot = &f->worker->region[fuzz_below(f, FUZZ_REGIONS)];
	taken.bytes = slot->bytes;
	taken.address = __atomic_exchange_n(&slot->address, NULL,
					    __ATOMIC_RELAXED);
	return taken;
}

void fuzz_wrong(struct fuzz *f, const char *what, __u64 value)
{
	if (__atomic_fetch_add(&f->worker->counts->wrong, 1,
			       __ATOMIC_RELAXED) >= 20)
		return;
	fprintf(stderr, "# wrong: %s: %#llx\n", what,
		(unsigned long long)value);
	if (f->program)
		fuzz_program_print(f->program, stderr);
}

/*
 * The direct map, vmalloc and the page structs lie there; text above.  With
 * five levels of page tables they lie where random numbers do, too: boot with
 * no5lvl.
 */
static bool is_kernel_address(__u64 word)
{
	return word >> 47 == 0x1ffff && word >> 32 < 0xfffffff0;
}

void fuzz_check_words(struct fuzz *f, const char *what, const void *bytes,
		      unsigned long count)
{
	const __u64 *words = bytes;
	unsigned long i;

	for (i = 0; i < count / 8; i++)
		if (is_kernel_address(words[i]))
			fuzz_wrong(f, what, words[i]);
}
