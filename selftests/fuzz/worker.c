// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a worker process: one or two threads that run programs.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/mach_test.h"
#include "worker.h"

#define STACK	(512UL * 1024)

/* A thread, and what it needs to run programs. */
struct runner {
	struct fuzz fuzz;
	struct fuzz_trace trace;
	struct fuzz_common *common;
	struct fuzz_history *history;
	struct fuzz_program plan;
};

static void on_timer(int signal)
{
	(void)signal;
}

/* So that no thread waits for ever. */
static void start_timer(void)
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	struct sigaction action = { .sa_handler = on_timer };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void some_step(struct fuzz *f)
{
	f->task = fuzz_below(f, FUZZ_TASKS);
	switch (fuzz_below(f, FUZZ_STEP_KINDS)) {
	case 0 ... 19:
		return fuzz_memory(f);
	case 20 ... 35:
		return fuzz_descriptors(f);
	case FUZZ_PROCESS_STEP:
		return fuzz_process(f);
	case 37 ... 109:
		return fuzz_message(f);
	case FUZZ_RENEW_STEP:
		/* Known where it stands: programs begin with it. */
		return fuzz_renew_all(f);
	default:
		return fuzz_call(f);
	}
}

static __thread sigjmp_buf next_step;

/* Memory of a region that has gone: no reason to die. */
static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(next_step, 1);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* Takes its decisions from @plan and notes them in f->program. */
static void one_step(struct fuzz *f, const struct fuzz_step *plan)
{
	f->from = plan->words;
	f->from_end = plan->words + plan->count;
	f->count = &f->program->word[f->program->words++];
	*f->count = 0;
	fuzz_trace_begin(f);
	if (!sigsetjmp(next_step, 1))
		some_step(f);
	fuzz_trace_end(f);
}

/* How many steps it took. */
static int run_program(struct runner *runner)
{
	struct fuzz *f = &runner->fuzz;
	struct fuzz_history *history = runner->history;
	struct fuzz_program *done;
	__u32 at = 0, useful = 0;
	struct fuzz_step step;
	int steps = 0;

	done = &history->last[history->count++ % FUZZ_LAST];
	done->words = 0;
	f->program = done;
	runner->trace.points = 0;
	while (done->words < FUZZ_WORDS &&
	       fuzz_program_step(&runner->plan, &at, &step)) {
		one_step(f, &step);
		steps++;
		if (f->news)
			useful = done->words;
	}
	fuzz_drop_tape(f);
	__atomic_fetch_add(&runner->common->counts.programs, 1,
			   __ATOMIC_RELAXED);
	if (useful && runner->common->guided) {
		runner->plan = *done;
		runner->plan.words = useful;
		runner->plan.points = runner->trace.points;
		fuzz_corpus_add(&runner->common->corpus, &runner->plan);
	}
	return steps;
}

static int next_program(struct runner *runner)
{
	struct fuzz_common *common = runner->common;
	unsigned long seed = __atomic_load_n(&common->seeded,
					     __ATOMIC_RELAXED);

	if (seed < fuzz_corpus_size(&common->seeds))
		seed = __atomic_fetch_add(&common->seeded, 1,
					  __ATOMIC_RELAXED);
	if (seed < fuzz_corpus_size(&common->seeds))
		runner->plan = common->seeds.program[seed];
	else
		fuzz_compose(&runner->fuzz, &common->corpus, &runner->plan);
	return run_program(runner);
}

static void start_trace(struct runner *runner)
{
	if (fuzz_trace_start(&runner->trace))
		runner->fuzz.trace = &runner->trace;
}

static void *second_thread(void *arg)
{
	start_trace(arg);
	for (;;)
		next_program(arg);
	return NULL;
}

static struct runner runners[FUZZ_THREADS];

/* Full hands, and both threads ready to run. */
static void be_born(struct fuzz_common *common, int index, __u64 seed)
{
	static struct fuzz_worker worker;
	int i;

	for (i = 0; i < FUZZ_THREADS; i++) {
		runners[i].common = common;
		runners[i].history = &common->history[index][i];
		runners[i].fuzz.worker = &worker;
		runners[i].fuzz.random = i ? ~seed | 1 : seed;
		fuzz_trace_open(&runners[i].trace, &common->cover);
	}
	worker.index = index;
	worker.counts = &common->counts;
	worker.inbox = common->mail[index][1];
	for (i = 0; i < FUZZ_WORKERS; i++)
		worker.mail[i] = common->mail[i][0];
	for (i = 0; i < FUZZ_TASKS; i++)
		fuzz_renew_task(&runners[0].fuzz, i);
	for (i = 0; i < FUZZ_FILES; i++)
		worker.file[i] = -1;
	start_timer();
	catch_faults();
}

void fuzz_live(struct fuzz_common *common, int index, __u64 seed)
{
	static char stack[STACK] __attribute__((aligned(4096)));
	struct fuzz *one = &runners[0].fuzz;
	pthread_attr_t attr;
	pthread_t thread;
	int steps;

	be_born(common, index, seed);
	start_trace(&runners[0]);
	steps = 1 + fuzz_below(one, 8000);
	/* Some pay for themselves: another user, with the files of root. */
	if (fuzz_once_in(one, 3) && setresuid(1000 + index, 1000 + index, -1))
		_exit(2);
	if (fuzz_once_in(one, 2)) {
		pthread_attr_init(&attr);
		mt_must(pthread_attr_setstack(&attr, stack, STACK));
		mt_must(pthread_create(&thread, &attr, second_thread,
				       &runners[1]));
	}
	while (steps > 0)
		steps -= next_program(&runners[0]);
	if (fuzz_once_in(one, 3))
		execl("/proc/self/exe", "fuzz_ioctl", "--gone", NULL);
	_exit(0);
}

void fuzz_repeat(struct fuzz_common *common, __u64 seed)
{
	be_born(common, 0, seed);
	start_trace(&runners[0]);
	while (common->seeded < fuzz_corpus_size(&common->seeds)) {
		fuzz_renew_all(&runners[0].fuzz);
		runners[0].fuzz.random = seed;
		next_program(&runners[0]);
	}
	_exit(0);
}

void fuzz_history_print(const struct fuzz_common *common, FILE *file)
{
	const struct fuzz_history *history;
	int worker, thread, i;

	for (worker = 0; worker < FUZZ_WORKERS; worker++)
		for (thread = 0; thread < FUZZ_THREADS; thread++) {
			history = &common->history[worker][thread];
			fprintf(file, "# worker %d thread %d, oldest first:\n",
				worker, thread);
			for (i = 0; i < FUZZ_LAST; i++)
				fuzz_program_print(&history->last[
					(history->count + i) % FUZZ_LAST],
					file);
		}
}
