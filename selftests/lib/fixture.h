/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of every test: a task of its own in a supervised process, after
 * whose death all live objects must be gone.
 */
#ifndef MACH_FIXTURE_H
#define MACH_FIXTURE_H

#include "kselftest_harness.h"
/* 30 s are not enough on an emulated machine that has other work. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300
#include "mach_test.h"

/* What the harness takes for a skipped test. */
#define MT_EXIT_SKIP	255

FIXTURE(mach) {
	struct mt_task task;
};

FIXTURE_SETUP(mach)
{
	const char *reason = mt_unavailable();

	if (reason)
		SKIP(_exit(MT_EXIT_SKIP), "%s", reason);
	mt_supervise();
	mt_open(&self->task);
}

FIXTURE_TEARDOWN(mach)
{
}

#endif /* MACH_FIXTURE_H */
