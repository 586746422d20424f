// SPDX-License-Identifier: GPL-2.0
/*
 * One user against another: how much dearer the victim's operations are while
 * an attacker owns as much as it can (objects), and while it works, too
 * (load); one attack after the other, then all at once.
 *
 *	dos_victim [-n COUNT] [-g PERCENT] [-s SAMPLES] [-a ATTACK]
 *
 * COUNT: how many objects (ports, names, ...) an attack makes; some make a
 * share of it.  With -g an operation that costs more than that fails: of use
 * only where CPU time is a number of instructions (tools/vm/run --icount).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dos/dos.h"
#include "kselftest.h"

#define VICTIM_UID	50001
#define ATTACKER_UID	50002

struct options {
	unsigned long count;
	unsigned int percent;		/* 0: report only */
	unsigned int samples;
	const char *only;
};

/* Of the attacker's load; shared with it. */
static unsigned long *turns;

struct figures {
	__u64 ns[DOS_OPS];
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	mt_check(file);
	fputs(text, file);
	mt_must(fclose(file));
}

static double growth(const struct figures *base, const struct figures *now,
		     int op)
{
	return 100.0 * now->ns[op] / base->ns[op] - 100;
}

static void print_head(const struct figures *base)
{
	printf("# %-28s", "");
	for (int op = 0; op < DOS_OPS; op++)
		printf(" %9s", dos_op_names[op]);
	printf("\n# %-28s", "alone, ns of CPU");
	for (int op = 0; op < DOS_OPS; op++)
		printf(" %9llu", (unsigned long long)base->ns[op]);
	printf("\n");
}

/* The largest growth in percent; of operation @tells it does not count. */
static double print_row(const char *name, const char *what,
			const struct figures *base, const struct figures *now,
			enum dos_op tells)
{
	double most = -100;

	printf("# %-20s%8s", name, what);
	for (int op = 0; op < DOS_OPS; op++) {
		double percent = growth(base, now, op);

		printf(" %+8.1f%%", percent);
		if (percent > most && (op != (int)tells || !tells))
			most = percent;
	}
	printf("\n");
	return most;
}

/* Waits until everything of the attacker is gone. */
static void wait_for_the_end(const struct mt_task *task, __u64 ports,
			     __u64 tasks)
{
	for (int i = 0; i < 60; i++)
		if (mt_live_becomes(task, MT_LIVE(ports), ports) &&
		    mt_live_becomes(task, MT_LIVE(tasks), tasks))
			return;
	fprintf(stderr, "# %llu ports (%llu), %llu tasks (%llu)\n",
		(unsigned long long)mt_live(task, MT_LIVE(ports)),
		(unsigned long long)ports,
		(unsigned long long)mt_live(task, MT_LIVE(tasks)),
		(unsigned long long)tasks);
	mt_fail(__FILE__, __LINE__, "the attacker's objects stay", 0);
}

static void start_attacker(struct mt_peer *peer, struct dos_victim *victim,
			   struct dos_order *order)
{
	mt_must(setresuid(ATTACKER_UID, -1, -1));
	mt_spawn(peer, &victim->task, dos_attack, order);
	mt_must(setresuid(VICTIM_UID, -1, -1));
	victim->shown = peer->port;
}

static void clean_up(struct mt_peer *peer, struct dos_victim *victim)
{
	__u32 none = MACH_PORT_NULL;

	mt_kill(peer);
	/* It may have died while it handed a right over by way of this. */
	mt_must(mt_name_call(&victim->task, MACH_IOC_SET_BOOTSTRAP, &none));
	victim->shown = victim->port;
	mt_must(mt_destroy(&victim->task, peer->port));
	mt_must(mt_destroy(&victim->task, peer->right));
	close(peer->to);
	close(peer->from);
}

/* Measured with all of the attacker's objects, and while it works. */
static __u64 face(struct dos_victim *victim, const struct options *options,
		  struct dos_order *order, struct figures *objects,
		  struct figures *load)
{
	__u64 ports = mt_live(&victim->task, MT_LIVE(ports));
	__u64 tasks = mt_live(&victim->task, MT_LIVE(tasks));
	const char *name = order->attack ? order->attack->limit : NULL;
	__u64 limit = name ? mt_param(name) : 0, made;
	struct mt_peer peer;

	if (name)
		mt_set_param(name, order->count);
	*turns = 0;
	start_attacker(&peer, victim, order);
	made = mt_await(peer.from);
	dos_measure(victim, options->samples, objects->ns);
	mt_tell(peer.to, 0);
	dos_measure(victim, options->samples, load->ns);
	clean_up(&peer, victim);
	if (name)
		mt_set_param(name, limit);
	wait_for_the_end(&victim->task, ports, tasks);
	return made;
}

/* NULL: all of them. */
static void attack(struct dos_victim *victim, const struct options *options,
		   const struct dos_attack *attack, const struct figures *base)
{
	struct dos_order order = {
		.attack = attack,
		.count = options->count / (attack ? attack->share : 1) ?: 1,
		.turns = turns,
	};
	const char *name = attack ? attack->name : "all of them";
	struct figures objects, load;
	double most, other;
	enum dos_op tells;
	__u64 made;

	if (attack && attack->huge && !mt_has_huge_pages()) {
		ksft_test_result_skip("%s: there are none\n", name);
		return;
	}
	made = face(victim, options, &order, &objects, &load);
	tells = attack ? attack->tells : DOS_SNAPSHOT;
	most = print_row(name, "objects", base, &objects, tells);
	other = print_row(name, "load", base, &load, tells);
	if (most < other)
		most = other;
	ksft_test_result(made && (!options->percent ||
				  most <= options->percent),
			 "%s: %llu objects, %lu turns, at most %+.1f%%\n",
			 name, (unsigned long long)made, *turns, most);
}

/* Twice: the first time has what the kernel makes only once. */
static void measure_base(struct dos_victim *victim,
			 const struct options *options, struct figures *base)
{
	struct dos_order order = {
		.attack = &dos_nobody,
		.count = 1,
		.turns = turns,
	};

	face(victim, options, &order, base, base);
	print_head(base);
}

static void run(const struct options *options)
{
	struct dos_victim victim = {};
	struct figures base;
	unsigned int i;

	mt_supervise();
	mt_must(setresuid(VICTIM_UID, 0, 0));
	dos_victim_start(&victim);
	turns = mmap(NULL, MT_PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mt_check(turns != MAP_FAILED);
	measure_base(&victim, options, &base);
	for (i = 0; i < dos_attack_count; i++)
		if (!options->only ||
		    !strcmp(options->only, dos_attacks[i].name))
			attack(&victim, options, &dos_attacks[i], &base);
	if (!options->only || !strcmp(options->only, "all of them"))
		attack(&victim, options, NULL, &base);
	_exit(ksft_get_fail_cnt() ? KSFT_FAIL : KSFT_PASS);
}

static void parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "n:g:s:a:")) != -1) {
		switch (option) {
		case 'n':
			options->count = strtoul(optarg, NULL, 0);
			break;
		case 'g':
			options->percent = atoi(optarg);
			break;
		case 's':
			options->samples = atoi(optarg);
			break;
		case 'a':
			options->only = optarg;
			break;
		default:
			fprintf(stderr, "usage: dos_victim [-n COUNT] "
				"[-g PERCENT] [-s SAMPLES] [-a ATTACK]\n");
			exit(KSFT_FAIL);
		}
	}
}

int main(int argc, char **argv)
{
	struct options options = { .count = 200, .samples = 1 };

	parse(argc, argv, &options);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ksft_print_header();
	if (mt_unavailable())
		ksft_exit_skip("%s\n", mt_unavailable());
	ksft_set_plan(options.only ? 1 : dos_attack_count + 1);
	/* The victim never makes way for want of its share. */
	write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	run(&options);
}
