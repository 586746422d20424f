// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls and messages on eight names in each of two tasks; the whole
 * state is said after each step.  tools/conformance/run --seed and --steps
 * make another or a longer walk; the same seed gives the same walk.
 *
 * Left out is what deviates (docs/conformance.md): MACH_SEND_NOTIFY, and
 * dropping the receive right of a port with a port-destroyed request by
 * mod_refs.  Notifications of one step are said in alphabetical order, since
 * nested queues die in another order.
 */
#include "conf.h"

#define LETTERS		8
#define NOTES		40
#define TEXT		600
#define SENDABLE	(MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)

static uint64_t state;
static struct message m;
static char notes[NOTES][24];
static unsigned int number_of_notes;

static unsigned int pick(unsigned int below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 33) % below;
}

static mach_port_t pick_name(void)
{
	return N('a' + pick(LETTERS));
}

/* Now and then a name that is none. */
static mach_port_t pick_any(void)
{
	switch (pick(24)) {
	case 0:		return MACH_PORT_NULL;
	case 1:		return MACH_PORT_DEAD;
	case 2:		return UNUSED;
	default:	return pick_name();
	}
}

static mach_port_type_t type_of(mach_port_t task, mach_port_t name)
{
	mach_port_type_t type = 0;

	return mach_port_type(task, name, &type) ? 0 : type;
}

/* Mostly a name that denotes one of these, or, for 0, nothing. */
static mach_port_t pick_with(mach_port_t task, mach_port_type_t wanted)
{
	mach_port_t name = pick_any();

	for (int i = 0; pick(8) && i < 8; i++) {
		mach_port_type_t type = type_of(task, name);

		if (wanted ? type & wanted : !type)
			break;
		name = pick_name();
	}
	return name;
}

/* Mostly one that fits what the name denotes. */
static int pick_disposition(mach_port_t task, mach_port_t name)
{
	int disposition = MACH_MSG_TYPE_MOVE_RECEIVE + (int)pick(6);
	mach_port_type_t type = type_of(task, name);

	for (int i = 0; pick(10) && i < 12; i++) {
		if (disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ?
		    type & (MACH_PORT_TYPE_SEND_ONCE |
			    MACH_PORT_TYPE_DEAD_NAME) :
		    disposition == MACH_MSG_TYPE_MOVE_SEND ||
		    disposition == MACH_MSG_TYPE_COPY_SEND ?
		    type & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME) :
		    type & MACH_PORT_TYPE_RECEIVE)
			break;
		disposition = MACH_MSG_TYPE_MOVE_RECEIVE + (int)pick(6);
	}
	return disposition;
}

static mach_port_t pick_task(void)
{
	return pick(3) ? mach_task_self() : peer();
}

static const char *where(mach_port_t task)
{
	return task == mach_task_self() ? "here" : "there";
}

/* ---- texts ---- */

struct text {
	char chars[TEXT];
	unsigned int used;
};

static void add(struct text *t, const char *more)
{
	while (*more && t->used < TEXT - 1)
		t->chars[t->used++] = *more++;
	t->chars[t->used] = '\0';
}

static void add_number(struct text *t, unsigned int value)
{
	char digits[12];
	unsigned int at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	add(t, digits + at);
}

static void add_name(struct text *t, mach_port_t name)
{
	char letter[2] = { (char)(name & 0x7f), '\0' };

	if (name == MACH_PORT_NULL)
		add(t, "null");
	else if (name == MACH_PORT_DEAD)
		add(t, "dead");
	else
		add(t, name > N(' ') && name < N('~') ? letter : "new");
}

/* ---- the state of a task's names ---- */

static void add_status(struct text *t, mach_port_t name)
{
	mach_port_status_t s;

	if (mach_port_get_receive_status(mach_task_self(), name, &s))
		return;
	add(t, "[");
	add_number(t, s.mps_seqno);
	add(t, " ");
	add_number(t, s.mps_mscount);
	add(t, " ");
	add_number(t, s.mps_msgcount);
	add(t, "/");
	add_number(t, s.mps_qlimit);
	add(t, " ");
	add_number(t, s.mps_sorights);
	add(t, s.mps_srights ? "s" : "-");
	add(t, s.mps_pdrequest ? "p" : "-");
	add(t, s.mps_nsrequest ? "n " : "- ");
	add_name(t, s.mps_pset);
	add(t, "]");
}

static void add_entry(struct text *t, mach_port_t task, mach_port_t name)
{
	static const char *const rights[] = { "S", "R", "O", "P", "D" };
	mach_port_type_t type;
	mach_port_urefs_t refs;

	if (mach_port_type(task, name, &type))
		return;
	add(t, " ");
	add_name(t, name);
	for (unsigned int i = 0; i < MACH_PORT_RIGHT_NUMBER; i++) {
		if (!(type & MACH_PORT_TYPE(i)))
			continue;
		add(t, rights[i]);
		if (i == MACH_PORT_RIGHT_SEND ||
		    i == MACH_PORT_RIGHT_DEAD_NAME) {
			mach_port_get_refs(task, name, i, &refs);
			add_number(t, refs);
		}
	}
	if (type & MACH_PORT_TYPE_DNREQUEST)
		add(t, "*");
	if (task == mach_task_self() && type & MACH_PORT_TYPE_RECEIVE)
		add_status(t, name);
}

static void say_state(mach_port_t task)
{
	struct text t = { .used = 0 };

	for (unsigned int i = 0; i < LETTERS; i++)
		add_entry(&t, task, N('a' + i));
	say("%s:%s", where(task), t.chars);
}

/* ---- names that the kernel chose ---- */

/* The first free letter, else it is destroyed. */
static void adopt(mach_port_t name)
{
	mach_port_type_t type;

	if (!MACH_PORT_VALID(name) || (name >= N('?') && name <= N('z')) ||
	    mach_port_type(mach_task_self(), name, &type))
		return;
	for (unsigned int i = 0; i < LETTERS; i++)
		if (mach_port_type(mach_task_self(), N('a' + i), &type)) {
			relabel(name, (char)('a' + i));
			return;
		}
	discard(name);
}

/* All rights of a message that arrived, or came back. */
static void adopt_all(void)
{
	const mach_port_t *array = NULL;
	mach_msg_type_t *type;
	unsigned int words = (m.head.msgh_size - sizeof(m.head)) / 8;

	adopt(m.head.msgh_remote_port);
	if (MACH_MSGH_BITS_LOCAL(m.head.msgh_bits) !=
	    MACH_MSG_TYPE_PROTECTED_PAYLOAD)
		adopt(m.head.msgh_local_port);
	if (!(m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	for (unsigned int i = 0; i + 1 < words; i += 2) {
		type = (mach_msg_type_t *)&m.body[i];
		array = (const mach_port_t *)m.body[i + 1];
		adopt(type->msgt_inline ? (mach_port_t)m.body[i + 1] :
					  array[0]);
		if (!type->msgt_inline)
			vm_deallocate(mach_task_self(), (vm_address_t)array,
				      4);
	}
}

/* ---- notifications ---- */

/* Sorted as they come. */
static void note(const struct text *t)
{
	unsigned int at = number_of_notes;

	if (number_of_notes == NOTES)
		return;
	for (; at; at--) {
		unsigned int i = 0;

		while (t->chars[i] && t->chars[i] == notes[at - 1][i])
			i++;
		if (t->chars[i] >= notes[at - 1][i])
			break;
		memcpy(notes[at], notes[at - 1], sizeof(notes[0]));
	}
	memcpy(notes[at], t->chars, sizeof(notes[0]));
	notes[at][sizeof(notes[0]) - 1] = '\0';
	number_of_notes++;
}

/* A receive right that was saved by its request does not live on. */
static void end_saved(mach_port_t name)
{
	mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE,
			   -1);
}

static void one_note(void)
{
	struct text t = { .used = 0 };

	switch (m.head.msgh_id) {
	case MACH_NOTIFY_SEND_ONCE:
		add(&t, "send-once");
		break;
	case MACH_NOTIFY_NO_SENDERS:
		add(&t, "no-senders ");
		add_number(&t, (unsigned int)m.body[1]);
		break;
	case MACH_NOTIFY_PORT_DESTROYED:
		add(&t, "port-destroyed ");
		add_name(&t, (mach_port_t)m.body[1]);
		end_saved((mach_port_t)m.body[1]);
		break;
	case MACH_NOTIFY_DEAD_NAME:
	case MACH_NOTIFY_PORT_DELETED:
		add(&t, m.head.msgh_id == MACH_NOTIFY_DEAD_NAME ?
		    "dead-name " : "port-deleted ");
		add_name(&t, (mach_port_t)m.body[1]);
		break;
	default:
		add(&t, "message ");
		add_number(&t, (unsigned int)m.head.msgh_id);
		adopt_all();
	}
	note(&t);
}

static void say_notes(void)
{
	struct text t = { .used = 0 };

	number_of_notes = 0;
	while (!msg_receive(&m, N('Q')))
		one_note();
	for (unsigned int i = 0; i < number_of_notes; i++) {
		add(&t, i ? ", " : "");
		add(&t, notes[i]);
	}
	if (number_of_notes)
		say("notes: %s", t.chars);
}

/* ---- steps ---- */

static void step_allocate(void)
{
	mach_port_right_t right = MACH_PORT_RIGHT_RECEIVE;
	mach_port_t task = pick_task(), name = pick_with(task, 0);

	if (!pick(12))
		right = MACH_PORT_RIGHT_PORT_SET;
	else if (!pick(12))
		right = MACH_PORT_RIGHT_DEAD_NAME;
	say("allocate_name %s %n, right %u: %k", where(task), name, right,
	    mach_port_allocate_name(task, right, name));
}

static void step_destroy(void)
{
	mach_port_t task = pick_task(), name = pick_with(task, ~0U);

	if (pick(3) && !(type_of(task, name) & MACH_PORT_TYPE_PORT_SET))
		say("deallocate %s %n: %k", where(task), name,
		    mach_port_deallocate(task, name));
	else
		say("destroy %s %n: %k", where(task), name,
		    mach_port_destroy(task, name));
}

static int has_saving_request(mach_port_t task, mach_port_t name)
{
	mach_port_status_t s;

	return !mach_port_get_receive_status(task, name, &s) &&
	       s.mps_pdrequest;
}

static void step_mod_refs(void)
{
	mach_port_t task = pick_task(), name = pick_any();
	mach_port_right_t right = pick(6);
	int delta = (int)pick(5) - 2;

	if (right == MACH_PORT_RIGHT_RECEIVE && has_saving_request(task, name))
		return;
	say("mod_refs %s %n, right %u by %d: %k", where(task), name, right,
	    delta, mach_port_mod_refs(task, name, right, delta));
}

static void step_insert(void)
{
	mach_port_t task = pick_task();
	mach_port_t right = pick_with(mach_task_self(), SENDABLE);
	mach_port_t name = pick(3) ? pick_with(task, 0) :
			   pick(2) ? right : pick_any();
	int disposition = pick_disposition(mach_task_self(), right);

	say("insert_right %s %n, %n %r: %k", where(task), name, right,
	    disposition, mach_port_insert_right(task, name, right,
						(unsigned int)disposition));
}

static void step_extract(void)
{
	mach_port_t task = pick_task(), name = pick_with(task, SENDABLE);
	mach_port_t right = MACH_PORT_NULL;
	int disposition = pick_disposition(task, name);
	mach_msg_type_name_t type = 0;
	kern_return_t kr;

	kr = mach_port_extract_right(task, name, (unsigned int)disposition,
				     &right, &type);
	say("extract_right %s %n %r: %k", where(task), name, disposition, kr);
	if (kr)
		return;
	say("extracted: %n %r", right, (int)type);
	adopt(right);
}

static void step_rename(void)
{
	mach_port_t task = pick_task(), from = pick_with(task, ~0U);
	mach_port_t to = pick_with(task, 0);

	/* The name that stands for none must stay so. */
	if (to == UNUSED)
		return;
	say("rename %s %n to %n: %k", where(task), from, to,
	    mach_port_rename(task, from, to));
}

static void step_member(void)
{
	mach_port_t task = pick_task();
	mach_port_t member = pick_with(task, MACH_PORT_TYPE_RECEIVE);
	mach_port_t set = pick(5) ? pick_with(task, MACH_PORT_TYPE_PORT_SET) :
				    MACH_PORT_NULL;

	say("move_member %s %n to %n: %k", where(task), member, set,
	    mach_port_move_member(task, member, set));
}

static void step_request(void)
{
	static const int ids[] = {
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_DEAD_NAME,
		MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
	};
	int id = ids[pick(ARRAY_SIZE(ids))];
	mach_port_t name = pick_with(mach_task_self(), SENDABLE);
	mach_port_t previous = MACH_PORT_NULL;
	mach_port_t notify = pick(5) ? N('Q') : MACH_PORT_NULL;
	unsigned int sync = pick(3);
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), name, id, sync,
					    notify,
					    MACH_MSG_TYPE_MAKE_SEND_ONCE,
					    &previous);
	say("request %d for %n, sync %u, to %n: %k", id, name, sync, notify,
	    kr);
	if (!kr)
		say("previous: %n", previous);
	if (!kr && MACH_PORT_VALID(previous))
		mach_port_deallocate(mach_task_self(), previous);
}

static void step_attribute(void)
{
	mach_port_t task = mach_task_self();
	mach_port_t name = pick_with(task, MACH_PORT_TYPE_RECEIVE);
	unsigned int value = pick(4);

	switch (pick(5)) {
	case 0:
		say("set_qlimit %n, %u: %k", name, value,
		    mach_port_set_qlimit(task, name, value));
		break;
	case 1:
		say("set_mscount %n, %u: %k", name, value,
		    mach_port_set_mscount(task, name, value));
		break;
	case 2:
		say("set_seqno %n, %u: %k", name, value,
		    mach_port_set_seqno(task, name, value));
		break;
	case 3:
		say("set_payload %n, %u: %k", name, value,
		    mach_port_set_protected_payload(task, name, value));
		break;
	default:
		say("clear_payload %n: %k", name,
		    mach_port_clear_protected_payload(task, name));
	}
}

static void put_some(void)
{
	static mach_port_t array[2];
	unsigned int rights = pick(4) ? pick(2) : 2;

	for (unsigned int i = 0; i < rights; i++) {
		mach_port_t name = pick_with(mach_task_self(), SENDABLE);
		int disposition = pick_disposition(mach_task_self(), name);

		array[i] = name;
		if (pick(3)) {
			say("with: %n %r", name, disposition);
			put_right(&m, name, disposition);
		} else {
			say("with: %n %r, as an array", name, disposition);
			put_rights(&m, &array[i], 1, disposition, 0);
		}
	}
}

static void step_send(void)
{
	static int id;
	mach_port_t task = mach_task_self();
	mach_port_t remote = pick_with(task, MACH_PORT_TYPE_PORT_RIGHTS);
	mach_port_t local = pick(2) ? pick_with(task, SENDABLE) :
				      MACH_PORT_NULL;
	int remote_type = pick_disposition(task, remote);
	int local_type = local || !pick(4) ? pick_disposition(task, local) : 0;
	int option = pick(5) ? 0 : MACH_SEND_CANCEL;
	int mr;

	/* Moving a receive right in the header is an error like any other. */
	while (remote_type == MACH_MSG_TYPE_MOVE_RECEIVE && pick(10))
		remote_type = pick_disposition(task, remote);
	while (local_type == MACH_MSG_TYPE_MOVE_RECEIVE && pick(10))
		local_type = pick_disposition(task, local);
	begin(&m, remote, remote_type, local, local_type, ++id);
	put_some();
	mr = msg_send_option(&m, option | MACH_SEND_TIMEOUT, 0, N('Q'));
	say("send %d to %n %r, reply %n %r%s: %k", id, remote, remote_type,
	    local, local_type, option ? ", cancel" : "", mr);
	if (mr == MACH_SEND_TIMED_OUT) {
		say_message("back", &m);
		adopt_all();
	}
}

static void receive_one(mach_port_t from)
{
	int large = pick(6) ? 0 : MACH_RCV_LARGE;
	unsigned int size = pick(6) ? sizeof(m.head) + sizeof(m.body) : 40;
	int mr = msg_receive_option(&m, large | MACH_RCV_TIMEOUT, size, from,
				    0, 0);

	say("receive from %n: %k", from, mr);
	if (!mr) {
		say_message("received", &m);
		adopt_all();
	} else if (mr == MACH_RCV_TOO_LARGE && !large) {
		say_header("received", &m);
	}
}

static void step_receive(void)
{
	receive_one(pick_with(mach_task_self(), MACH_PORT_TYPE_RECEIVE |
						MACH_PORT_TYPE_PORT_SET));
}

/* In the peer, which has its own copy of the random state. */
static void peer_receives(void)
{
	state = shared[0];
	receive_one(pick_with(mach_task_self(), MACH_PORT_TYPE_RECEIVE |
						MACH_PORT_TYPE_PORT_SET));
}

static void step_peer_receives(void)
{
	shared[0] = state;
	pick(2);
	group("step %l, there", shared[1]);
	in_peer(peer_receives);
}

static void step(void)
{
	static void (*const steps[])(void) = {
		step_allocate, step_allocate, step_allocate, step_destroy,
		step_mod_refs, step_insert, step_insert, step_insert,
		step_extract, step_rename, step_member, step_request,
		step_request, step_attribute, step_send, step_send,
		step_send, step_send, step_receive, step_receive,
	};

	if (!pick(40))
		step_peer_receives();
	else
		steps[pick(ARRAY_SIZE(steps))]();
}

PROGRAM(random_walk)
{
	unsigned long seed = walk_seed ? walk_seed : 1;
	unsigned long steps = walk_steps ? walk_steps : 1500;

	state = 0x9e3779b97f4a7c15UL * seed;
	new_port('Q');
	peer();
	for (shared[1] = 1; shared[1] <= steps; shared[1]++) {
		group("step %l", shared[1]);
		step();
		group("step %l", shared[1]);
		say_notes();
		say_state(mach_task_self());
		say_state(peer());
	}
}
