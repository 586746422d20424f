// SPDX-License-Identifier: GPL-2.0
/*
 * lsmp against a known scene: a server and a client, whose ports, rights,
 * sets, messages and memory it must show, as a table, as JSON that a strict
 * reader takes, and as a graph; its options and exit statuses.
 *
 * Without the program the tests are skipped.
 */
#include <ctype.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/caller.h"
#include "lib/fixture.h"
#include "lib/listing.h"

#define ALICE	1234U
#define OUTPUT	(1 << 20)

static char output[OUTPUT];

/* Beside this program, as in a guest, or where it is built. */
static const char *program(void)
{
	static const char *const places[] = { "lsmp", "../../tools/lsmp/lsmp" };
	static char path[512];
	char *slash;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		ssize_t length = readlink("/proc/self/exe", path,
					  sizeof(path) - 64);

		mt_check(length > 0);
		path[length] = '\0';
		slash = strrchr(path, '/');
		strcpy(slash + 1, places[i]);
		if (!access(path, X_OK))
			return path;
	}
	return NULL;
}

#define NEED_PROGRAM()							\
	do {								\
		if (!program())						\
			SKIP(return, "no lsmp");			\
	} while (0)

static void read_all(int fd)
{
	size_t length = 0;
	ssize_t got;

	while (length < OUTPUT - 1 &&
	       (got = read(fd, output + length, OUTPUT - 1 - length)) > 0)
		length += got;
	output[length] = '\0';
	close(fd);
}

/* lsmp with up to three arguments, as @uid; what it said is in output. */
static int run(uid_t uid, const char *a, const char *b, const char *c)
{
	int channel[2], status;
	pid_t pid;

	mt_must(pipe(channel));
	pid = mt_fork();
	if (pid == 0) {
		dup2(channel[1], 1);
		dup2(channel[1], 2);
		close(channel[0]);
		if (uid) {
			mt_must(setgroups(0, NULL));
			mt_must(setresgid(uid, uid, uid));
			mt_must(setresuid(uid, uid, uid));
		}
		execl(program(), "lsmp", a, a ? b : NULL, b ? c : NULL, NULL);
		_exit(99);
	}
	close(channel[1]);
	read_all(channel[0]);
	status = mt_wait_pid(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- a strict reader of JSON (RFC 8259) ---- */

static const char *read_value(const char *at);

static const char *skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		at++;
	return at;
}

static const char *read_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < ' ' || *at & 0x80)
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u') {
			for (int i = 1; i <= 4; i++)
				if (!isxdigit((unsigned char)at[i]))
					return NULL;
			at += 4;
		} else if (!*at || !strchr("\"\\/bfnrt", *at)) {
			return NULL;
		}
	}
	return at + 1;
}

/* Whole numbers are all that lsmp writes. */
static const char *read_number(const char *at)
{
	if (*at == '-')
		at++;
	if (*at == '0')
		return isdigit((unsigned char)at[1]) ? NULL : at + 1;
	if (!isdigit((unsigned char)*at))
		return NULL;
	while (isdigit((unsigned char)*at))
		at++;
	return at;
}

static const char *read_list(const char *at, bool object)
{
	char end = object ? '}' : ']';

	at = skip_space(at + 1);
	if (*at == end)
		return at + 1;
	for (;;) {
		if (object) {
			at = read_string(skip_space(at));
			if (!at)
				return NULL;
			at = skip_space(at);
			if (*at++ != ':')
				return NULL;
		}
		at = read_value(at);
		if (!at)
			return NULL;
		at = skip_space(at);
		if (*at == end)
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
}

/* Behind the value, or NULL if there is none. */
static const char *read_value(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };

	at = skip_space(at);
	if (*at == '{' || *at == '[')
		return read_list(at, *at == '{');
	if (*at == '"')
		return read_string(at);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return at + strlen(words[i]);
	return read_number(at);
}

static bool is_json(const char *text)
{
	const char *end = read_value(text);

	return end && !*skip_space(end);
}

TEST(the_reader_is_strict)
{
	static const char *const bad[] = {
		"", "{", "{}}", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01",
		"[1 2]", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "tru", "{,}",
		"{\"a\":1,}", "\"\xff\"",
	};
	static const char *const good[] = {
		"{}", " [ ] ", "{\"a\":[1,-2,{\"b\":true}]}\n",
		"\"\\u00ff\\\\\\\"\"", "0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_FALSE(is_json(bad[i]))
			TH_LOG("%s", bad[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_TRUE(is_json(good[i]))
			TH_LOG("%s", good[i]);
	}
}

/* ---- a strict reader of the graph: the part of the language it uses ---- */

/* A name, or "..." in which \ escapes. */
static const char *read_id(const char *at)
{
	if (*at == '"') {
		for (at++; *at != '"'; at++) {
			if (!*at || (*at == '\\' && !*++at))
				return NULL;
		}
		return at + 1;
	}
	if (!isalpha((unsigned char)*at))
		return NULL;
	while (isalnum((unsigned char)*at))
		at++;
	return at;
}

static const char *read_attributes(const char *at)
{
	do {
		at = read_id(at + 1);
		if (!at || *at++ != '=')
			return NULL;
		at = read_id(at);
		if (!at)
			return NULL;
	} while (*at == ',');
	return *at == ']' ? at + 1 : NULL;
}

/* "<tab>a [x=y];", "<tab>a -> b [x=y];" or "<tab>x=y;" */
static const char *read_statement(const char *at)
{
	if (*at != '\t')
		return NULL;
	at = read_id(at + 1);
	if (at && *at == '=')
		at = read_id(at + 1);
	if (at && !strncmp(at, " -> ", 4))
		at = read_id(at + 4);
	if (at && !strncmp(at, " [", 2))
		at = read_attributes(at + 1);
	return at && !strncmp(at, ";\n", 2) ? at + 2 : NULL;
}

static bool is_graph(const char *text)
{
	static const char head[] = "digraph mach {\n";

	if (strncmp(text, head, strlen(head)))
		return false;
	text += strlen(head);
	while (*text != '}') {
		text = read_statement(text);
		if (!text)
			return false;
	}
	return !strcmp(text, "}\n");
}

/* ---- the scene ---- */

struct scene {
	struct mt_peer client;
	__u32 service, set, reply;
	__u64 service_id, set_id, client_id;
};

static void client(struct mt_side *side, void *arg)
{
	struct mt_message message;

	(void)arg;
	/* A name that must be escaped in every form. */
	mt_must(prctl(PR_SET_NAME, "cl\"i\\e\xffnt"));
	mt_begin(&message, side->up, MACH_MSG_TYPE_COPY_SEND);
	message.head.id = 4711;
	mt_reply_to(&message, side->port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mt_put_right(&message, mt_receive_right(&side->task),
		     MACH_MSG_TYPE_MOVE_RECEIVE);
	mt_put_memory(&message, mt_map_filled(3, 1), 3 * MT_PAGE, 0);
	mt_must(mt_send(&side->task, &message));
	mt_tell(side->to, mt_object(&side->task, side->port));
	mt_await(side->from);
}

static void build_scene(struct scene *scene, const struct mt_task *task)
{
	mt_must(prctl(PR_SET_NAME, "server"));
	mt_spawn(&scene->client, task, client, NULL);
	scene->client_id = mt_await(scene->client.from);
	scene->service = scene->client.port;
	scene->set = mt_set(task);
	mt_must(mt_move_member(task, scene->service, scene->set));
	mt_arm(task, scene->service, MACH_NOTIFY_NO_SENDERS,
	       mt_receive_right(task));
	mt_dead_name(task);
	scene->service_id = mt_object(task, scene->service);
	scene->set_id = mt_object(task, scene->set);
}

static void end_scene(struct scene *scene)
{
	mt_tell(scene->client.to, 0);
	mt_must(mt_join(&scene->client));
}

static bool says(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static bool says(const char *format, ...)
{
	va_list arguments;
	char text[256];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return strstr(output, text);
}

static char *decimal(__u64 number)
{
	static char text[2][24];
	static int turn;

	turn = !turn;
	snprintf(text[turn], sizeof(text[turn]), "%llu", number);
	return text[turn];
}

TEST_F(mach, summary)
{
	struct scene scene;

	NEED_PROGRAM();
	build_scene(&scene, &self->task);
	ASSERT_EQ(0, run(0, NULL, NULL, NULL));
	EXPECT_TRUE(says("TASK     PID"));
	EXPECT_TRUE(says("  server\n"));
	EXPECT_TRUE(says("  cl\"i\\e?nt\n"));
	EXPECT_TRUE(says(" %d ", getpid()));
	EXPECT_TRUE(says(" %d ", scene.client.pid));
	/* Not itself. */
	EXPECT_FALSE(says("  lsmp\n"));
	end_scene(&scene);
}

TEST_F(mach, one_process)
{
	struct scene scene;

	NEED_PROGRAM();
	build_scene(&scene, &self->task);
	ASSERT_EQ(0, run(0, "-v", "-p", decimal(getpid())));
	EXPECT_TRUE(says("pid %d (server)", getpid()));
	EXPECT_FALSE(says("pid %d ", scene.client.pid));
	EXPECT_TRUE(says("%#10x  recv ", scene.service));
	EXPECT_TRUE(says(" 1/5 "));
	EXPECT_TRUE(says(" set-%llu --n-  <- send:", scene.set_id));
	EXPECT_TRUE(says("set-%llu         -      (1)", scene.set_id));
	EXPECT_TRUE(says("  dead "));
	EXPECT_TRUE(says("message 0: id 4711, "));
	EXPECT_TRUE(says("send-once right for port %llu, to reply",
			 scene.client_id));
	EXPECT_TRUE(says("recv right for port "));
	EXPECT_TRUE(says("memory: 12288 bytes, 3 pages"));
	EXPECT_TRUE(says(" -> recv:"));
	EXPECT_TRUE(says(" -> the module, for task "));
	end_scene(&scene);
}

TEST_F(mach, one_port)
{
	struct scene scene;

	NEED_PROGRAM();
	build_scene(&scene, &self->task);
	ASSERT_EQ(0, run(0, "-P", decimal(scene.service_id), NULL));
	EXPECT_TRUE(says("port %llu: port, held, task ", scene.service_id));
	EXPECT_TRUE(says("1 of 5 messages, 0 blocked senders"));
	EXPECT_TRUE(says("in set-%llu\n", scene.set_id));
	EXPECT_TRUE(says("message 0: id 4711, "));
	EXPECT_TRUE(says(" recv:"));
	EXPECT_TRUE(says(" send:"));
	EXPECT_TRUE(says("pid %d ", scene.client.pid));
	end_scene(&scene);
}

TEST_F(mach, json)
{
	struct scene scene;

	NEED_PROGRAM();
	build_scene(&scene, &self->task);
	ASSERT_EQ(0, run(0, "--json", NULL, NULL));
	EXPECT_TRUE(is_json(output))
		TH_LOG("%s", output);
	EXPECT_TRUE(says("\"complete\":true"));
	EXPECT_TRUE(says("\"command\":\"cl\\u0022i\\u005ce\\u00ffnt\""));
	EXPECT_TRUE(says("\"pid\":%d,", getpid()));
	EXPECT_TRUE(says("{\"name\":%u,\"right\":\"recv\",\"urefs\":",
			 scene.service));
	EXPECT_TRUE(says("\"set\":%llu,\"no_senders_notify\":",
			 scene.set_id));
	EXPECT_TRUE(says("\"id\":4711,"));
	EXPECT_TRUE(says("{\"memory\":12288,\"pages\":3,\"slot\":2}"));
	EXPECT_EQ(0, run(0, "--json", "-p", decimal(scene.client.pid)));
	EXPECT_TRUE(is_json(output));
	EXPECT_FALSE(says("\"command\":\"server\""));
	EXPECT_EQ(0, run(0, "--json", "-P", decimal(scene.client_id)));
	EXPECT_TRUE(is_json(output));
	EXPECT_TRUE(says("\"ports\":[\n  {\"id\":%llu,", scene.client_id));
	end_scene(&scene);
}

TEST_F(mach, graph)
{
	struct scene scene;

	NEED_PROGRAM();
	build_scene(&scene, &self->task);
	ASSERT_EQ(0, run(0, "--dot", NULL, NULL));
	EXPECT_TRUE(is_graph(output))
		TH_LOG("%s", output);
	EXPECT_TRUE(says("[shape=box,label=\"cl\\\"i\\\\e?nt\\npid %d",
			 scene.client.pid));
	EXPECT_TRUE(says("\tp%llu -> s%llu;\n", scene.service_id,
			 scene.set_id));
	EXPECT_TRUE(says("\tp%llu -> p%llu [style=dotted,label=\"send-once in ",
			 scene.service_id, scene.client_id));
	end_scene(&scene);
}

TEST_F(mach, without_privilege)
{
	struct scene scene;

	NEED_PROGRAM();
	mt_must(chmod("/dev/mach", 0666));
	build_scene(&scene, &self->task);
	EXPECT_EQ(3, run(ALICE, "-a", NULL, NULL));
	EXPECT_TRUE(says("CAP_SYS_ADMIN"));
	/* Root's process is not for ALICE. */
	EXPECT_EQ(3, run(ALICE, "-p", decimal(scene.client.pid), NULL));
	end_scene(&scene);
	mt_must(chmod("/dev/mach", 0660));
}

static void live_as_alice(struct mt_side *side, void *arg)
{
	(void)arg;
	mt_must(setgroups(0, NULL));
	mt_must(setresgid(ALICE, ALICE, ALICE));
	mt_must(setresuid(ALICE, ALICE, ALICE));
	/* It has changed its user: as if it had begun as that one. */
	mt_must(prctl(PR_SET_DUMPABLE, 1));
	mt_tell(side->to, mt_object(&side->task, side->port));
	mt_await(side->from);
}

/* Her own processes she may list. */
TEST_F(mach, own_process_without_privilege)
{
	struct mt_peer peer;
	__u64 id;

	NEED_PROGRAM();
	mt_must(chmod("/dev/mach", 0666));
	mt_spawn(&peer, &self->task, live_as_alice, NULL);
	id = mt_await(peer.from);
	EXPECT_EQ(0, run(ALICE, "--json", "-p", decimal(peer.pid)))
		TH_LOG("%s", output);
	EXPECT_TRUE(is_json(output));
	EXPECT_TRUE(says("\"complete\":false"));
	EXPECT_TRUE(says("{\"id\":%llu,\"object\":\"port\"", id));
	mt_tell(peer.to, 0);
	EXPECT_EQ(0, mt_join(&peer));
	mt_must(chmod("/dev/mach", 0660));
}

TEST_F(mach, exit_statuses)
{
	static const char *const wrong[][3] = {
		{ "-x" }, { "-p" }, { "-p", "0" }, { "-p", "-1" },
		{ "-p", "1x" }, { "-P", "99999999999999999999" },
		{ "--json", "--dot" }, { "surplus" }, { "-p", "4294967296" },
	};

	NEED_PROGRAM();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(2, run(0, wrong[i][0], wrong[i][1], wrong[i][2]))
			TH_LOG("%s", wrong[i][0]);
	}
	EXPECT_EQ(0, run(0, "--help", NULL, NULL));
	EXPECT_TRUE(says("usage: lsmp"));
	EXPECT_EQ(1, run(0, "-p", "4194303", NULL));
	EXPECT_EQ(1, run(0, "-P", "99999999999", NULL));
	EXPECT_EQ(0, run(0, "-av", NULL, NULL));
}

TEST_HARNESS_MAIN
