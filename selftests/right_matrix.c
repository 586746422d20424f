// SPDX-License-Identifier: GPL-2.0
/*
 * The right matrix: every operation on every kind of right while its port is
 * alive, dead, in transit or full (spec 2.1-2.4).  matrix/rights.tbl says what
 * must happen; each of its cells is one result here.
 *
 * A cell has tasks of its own.  The cells of one state run in one supervised
 * process, and a last result says whether they left anything behind.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matrix/matrix.h"
#include "matrix/rights.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Shared with the process that runs the cells. */
struct progress {
	int next;		/* cell of the state */
	int before;		/* results before the state */
	int results, failed;
};

static struct progress *progress;

static void print_result(bool good, const char *state, const char *what)
{
	progress->results++;
	if (!good)
		progress->failed++;
	printf("%sok %d %s: %s\n", good ? "" : "not ", progress->results,
	       state, what);
	fflush(stdout);
}

static bool complain(const struct cell *cell, const char *format, ...)
{
	va_list arguments;

	printf("# rights.tbl:%d: ", cell->line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	return false;
}

/* ---- the name afterwards ---- */

#define WITH_UREFS	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME)

/* What the cell wants; @name is where. */
static void want_entry(const struct scene *scene, const struct cell *cell,
		       __u32 *name, __u32 *types, __u32 *refs)
{
	const struct entry *entry = &cell->entry;

	*name = scene->name;
	*types = scene->types;
	*refs = scene->refs;
	switch (entry->becomes) {
	case SAME:
		break;
	case LOSES_OR_GAINS:
		*refs += entry->refs;
		break;
	case NONE:
		*types = 0;
		*refs = 0;
		break;
	case IS:
		*types = entry->types;
		*refs = entry->refs;
		if (!(entry->types & (TYPES_DEAD | TYPES_SET)))
			*types |= MACH_PORT_TYPE_DNREQUEST;
		break;
	case ANEW:
		*name = scene->new_name;
		*types = MACH_PORT_TYPE_SEND;
		*refs = 1;
		break;
	case RENAMED:
		*name = scene->new_name;
		break;
	}
	if (entry->unasked)
		*types &= ~MACH_PORT_TYPE_DNREQUEST;
}

static bool check_entry(const struct scene *scene, const struct cell *cell)
{
	__u32 name, types, refs, has, has_refs = 0, names, wanted;

	want_entry(scene, cell, &name, &types, &refs);
	has = mt_types(&scene->t, name);
	if (has & WITH_UREFS)
		has_refs = count_refs(&scene->t, name);
	if (has != types || has_refs != refs)
		return complain(cell, "name: %#x with %u, not %#x with %u",
				has, has_refs, types, refs);
	if (name != scene->name && mt_types(&scene->t, scene->name))
		return complain(cell, "the old name is still there");
	if (cell->gets == GETS_RETURNED && name != scene->new_name)
		return complain(cell, "returned under another name");
	names = count_names(&scene->t);
	wanted = scene->names - !!scene->types + !!types + scene->added;
	if (names != wanted)
		return complain(cell, "%u names, not %u", names, wanted);
	return true;
}

/* ---- the port afterwards ---- */

static bool check_counter(const struct cell *cell, const char *what,
			  __u32 before, int change, __u32 after)
{
	if (before + change == after)
		return true;
	return complain(cell, "%s: %u, not %u", what, after, before + change);
}

static bool check_port(const struct scene *scene, const struct cell *cell)
{
	const struct change *change = &cell->change;
	const struct counters *before = &scene->before;
	struct counters after;

	if (!scene->alive)
		return true;
	if (change->dies) {
		if (mt_types(scene->holder, scene->port) & TYPES_RECEIVE)
			return complain(cell, "the port lives");
		return true;
	}
	after = count_port(scene);
	return check_counter(cell, "mscount",
			     change->moved ? 0 : before->mscount,
			     change->mscount, after.mscount) &
	       check_counter(cell, "srights", before->srights,
			     change->srights, after.srights) &
	       check_counter(cell, "sorights", before->sorights,
			     change->sorights, after.sorights) &
	       check_counter(cell, "msgcount", before->msgcount,
			     change->msgcount, after.msgcount) &
	       check_counter(cell, "pdrequest", change->pdrequest, 0,
			     after.pdrequest);
}

/* The last message in the port's queue, which the operation put there. */
static void take_last(struct scene *scene, const struct cell *cell)
{
	struct mt_message message;
	__u32 i;

	for (i = 0; i < scene->before.msgcount; i++)
		mt_must(mt_receive(scene->holder, scene->port, &message, 0));
	if (mt_receive(scene->holder, scene->port, &message, 0))
		return;
	if (message.head.id == MATRIX_ID) {
		scene->got = GETS_MESSAGE;
		scene->value = MACH_MSGH_BITS_LOCAL(message.head.bits);
	} else if (message.head.id == MACH_NOTIFY_SEND_ONCE) {
		scene->got = GETS_NOTICE;
		scene->value = cell->value;
	}
}

static const char *const gets_names[] = {
	[GETS_NOTHING] = "nothing", [GETS_SEND] = "send",
	[GETS_RECEIVE] = "receive", [GETS_ONCE] = "once",
	[GETS_DEAD] = "dead", [GETS_MESSAGE] = "message",
	[GETS_NOTICE] = "notice", [GETS_RETURNED] = "returned",
	[GETS_PREVIOUS] = "previous", [GETS_NUMBER] = "number",
	[GETS_ELSE] = "something else",
};

static bool check_gets(struct scene *scene, const struct cell *cell)
{
	if (scene->alive && cell->change.msgcount > 0)
		take_last(scene, cell);
	if (scene->got != cell->gets)
		return complain(cell, "gets: %s, not %s",
				gets_names[scene->got],
				gets_names[cell->gets]);
	if (cell->value != scene->value)
		return complain(cell, "value %u, not %u", scene->value,
				cell->value);
	return true;
}

/* ---- who was told ---- */

/* Plenty, also for an emulator on a busy machine. */
#define NOTE_MS		10000

/* What a notification of this id must carry. */
static __u32 note_value(const struct scene *scene, const struct cell *cell,
			__u32 id)
{
	switch (id) {
	case MACH_NOTIFY_PORT_DELETED:
	case MACH_NOTIFY_DEAD_NAME:
		return scene->name;
	case MACH_NOTIFY_NO_SENDERS:
		return scene->before.mscount + cell->change.mscount;
	default:
		return 0;
	}
}

static bool check_watch(const struct scene *scene, const struct cell *cell,
			enum watch watch)
{
	const struct mt_task *task = scene->watcher[watch];
	__u32 port = scene->watch[watch], id = cell->told[watch], value;
	struct mt_message message;

	if (id) {
		if (mt_receive(task, port, &message, NOTE_MS))
			return complain(cell, "%c is not told", "DSE"[watch]);
		value = message.size > 40 ? message.words[5] : 0;
		if (message.head.id != id ||
		    value != note_value(scene, cell, id))
			return complain(cell, "%c is told %u of %u",
					"DSE"[watch], message.head.id, value);
	}
	if (mt_receive(task, port, &message, 0) != MACH_RCV_TIMED_OUT)
		return complain(cell, "%c is also told %u", "DSE"[watch],
				message.head.id);
	return true;
}

/* ---- running ---- */

static bool run_cell(const struct state *state, const struct cell *cell)
{
	static struct scene scene;
	bool good = true;
	__s32 ret;

	open_scene(&scene, state);
	ret = cell->act(&scene, cell);
	if (ret != cell->result)
		good = complain(cell, "result %#x, not %#x", ret,
				cell->result);
	if (scene.wrong)
		good = complain(cell, "not so: %s", scene.wrong);
	good &= check_entry(&scene, cell);
	end_transit(&scene);
	good &= check_port(&scene, cell);
	good &= check_gets(&scene, cell);
	for (int i = 0; i < WATCHES; i++)
		good &= check_watch(&scene, cell, i);
	close_scene(&scene);
	return good;
}

static void run_rest_of(const struct state *state)
{
	mt_supervise();
	while (progress->next < state->count) {
		const struct cell *cell = &cells[state->first +
						 progress->next++];

		print_result(run_cell(state, cell), state->name,
			     cell->operation);
	}
}

/* A cell that kills its process costs one result, not those behind it. */
static void run_state(const struct state *state)
{
	bool clean = true;

	progress->next = 0;
	while (progress->next < state->count) {
		int wanted, status;
		pid_t pid = mt_fork();

		if (pid == 0) {
			run_rest_of(state);
			_exit(0);
		}
		status = mt_wait_pid(pid);
		if (status)
			clean = false;
		wanted = progress->before + progress->next;
		if (progress->results < wanted)
			print_result(false, state->name,
				     cells[state->first + progress->next -
					   1].operation);
	}
	print_result(clean, state->name, "nothing left behind");
}

int main(void)
{
	const char *reason = mt_unavailable();

	printf("TAP version 13\n");
	if (reason) {
		printf("1..0 # SKIP %s\n", reason);
		return 4;
	}
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mt_check(progress != MAP_FAILED);
	printf("1..%zu\n", COUNT(cells) + COUNT(states));
	fflush(stdout);
	for (size_t i = 0; i < COUNT(states); i++) {
		progress->before = progress->results;
		run_state(&states[i]);
	}
	return progress->failed ? 1 : 0;
}
