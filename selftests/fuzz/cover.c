// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage of the module, from /sys/kernel/debug/kcov.
 */
#include <fcntl.h>
#include <linux/kcov.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cover.h"

#define KCOV	"/sys/kernel/debug/kcov"
#define WORDS	(32UL * 1024)

/* The word behind @pattern in the first line of @path that it matches. */
static bool scan(const char *path, const char *pattern, __u64 *word)
{
	unsigned long long value;
	FILE *file = fopen(path, "re");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, pattern, &value) == 1;
	fclose(file);
	*word = found ? value : 0;
	return found && value;
}

bool fuzz_cover_find(struct fuzz_cover *cover)
{
	return access(KCOV, R_OK | W_OK) == 0 &&
	       scan("/proc/modules", "mach %*u %*d %*s %*s %llx", &cover->base);
}

void fuzz_trace_open(struct fuzz_trace *trace, struct fuzz_cover *cover)
{
	trace->cover = cover;
	trace->words = MAP_FAILED;
	trace->fd = cover->base ? open(KCOV, O_RDWR | O_CLOEXEC) : -1;
	if (trace->fd >= 0 && ioctl(trace->fd, KCOV_INIT_TRACE, WORDS) == 0)
		trace->words = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE,
				    MAP_SHARED, trace->fd, 0);
}

bool fuzz_trace_start(struct fuzz_trace *trace)
{
	bool good = trace->words != MAP_FAILED &&
		ioctl(trace->fd, KCOV_ENABLE, KCOV_TRACE_PC) == 0;

	/* The mapping keeps it, where no step finds it as a descriptor. */
	if (trace->fd >= 0)
		close(trace->fd);
	return good;
}

void fuzz_trace_begin(struct fuzz *f)
{
	f->news = 0;
	if (f->trace)
		__atomic_store_n(&f->trace->words[0], 0, __ATOMIC_RELAXED);
}

static bool first(__u8 *mark, unsigned long *total)
{
	if (*mark || __atomic_exchange_n(mark, 1, __ATOMIC_RELAXED))
		return false;
	__atomic_fetch_add(total, 1, __ATOMIC_RELAXED);
	return true;
}

static void signal(struct fuzz *f, __u64 what)
{
	struct fuzz_cover *cover = f->trace->cover;

	what = what * 0x9e3779b97f4a7c15ULL >> 44;
	f->news += first(&cover->signal[what % FUZZ_SIGNALS],
			 &cover->signals);
}

void fuzz_answer(struct fuzz *f, unsigned int row, int result)
{
	if (f->trace)
		signal(f, 1ULL << 63 | (__u64)row << 32 | (__u32)result);
}

void fuzz_trace_end(struct fuzz *f)
{
	struct fuzz_cover *cover;
	__u64 i, count, at, before = 0;

	if (!f->trace)
		return;
	cover = f->trace->cover;
	count = __atomic_load_n(&f->trace->words[0], __ATOMIC_RELAXED);
	for (i = 1; i <= count && i < WORDS; i++) {
		at = f->trace->words[i] - cover->base;
		if (at >= FUZZ_TEXT)
			continue;
		if (first(&cover->point[at], &cover->points)) {
			f->trace->points++;
			f->news++;
		}
		signal(f, before << 32 | at);
		before = at;
	}
}

void fuzz_cover_print(const struct fuzz_cover *cover, FILE *file)
{
	__u64 text, at;
	int column = 0;

	if (!scan("/sys/module/mach/sections/.text", "%llx", &text))
		text = cover->base;
	for (at = 0; at < FUZZ_TEXT; at++)
		if (cover->point[at])
			fprintf(file, "%s %llx", column++ % 16 ? "" :
				column > 1 ? "\n# points:" : "# points:",
				(unsigned long long)(cover->base + at - text));
	if (column)
		fputc('\n', file);
}
