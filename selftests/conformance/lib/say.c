// SPDX-License-Identifier: GPL-2.0
/* Lines of the transcript: formatting, and the names of Mach's numbers. */
#include <stdarg.h>

#include "conf.h"
#include "system.h"

#define LINE	1000

struct line {
	char text[LINE + 2];
	unsigned int used;
};

struct word {
	int value;
	const char *name;
};

#define WORD(value)	{ (int)(value), #value }

static const struct word results[] = {
	WORD(KERN_SUCCESS), WORD(KERN_INVALID_ADDRESS),
	WORD(KERN_PROTECTION_FAILURE), WORD(KERN_NO_SPACE),
	WORD(KERN_INVALID_ARGUMENT), WORD(KERN_FAILURE),
	WORD(KERN_RESOURCE_SHORTAGE), WORD(KERN_NOT_RECEIVER),
	WORD(KERN_NO_ACCESS), WORD(KERN_MEMORY_FAILURE),
	WORD(KERN_MEMORY_ERROR), WORD(KERN_NOT_IN_SET),
	WORD(KERN_NAME_EXISTS), WORD(KERN_ABORTED), WORD(KERN_INVALID_NAME),
	WORD(KERN_INVALID_TASK), WORD(KERN_INVALID_RIGHT),
	WORD(KERN_INVALID_VALUE), WORD(KERN_UREFS_OVERFLOW),
	WORD(KERN_INVALID_CAPABILITY), WORD(KERN_RIGHT_EXISTS),
	WORD(KERN_INVALID_HOST), WORD(KERN_MEMORY_PRESENT),
	WORD(KERN_WRITE_PROTECTION_FAILURE), WORD(KERN_TERMINATED),
	WORD(MACH_SEND_INVALID_DATA), WORD(MACH_SEND_INVALID_DEST),
	WORD(MACH_SEND_TIMED_OUT), WORD(MACH_SEND_WILL_NOTIFY),
	WORD(MACH_SEND_NOTIFY_IN_PROGRESS), WORD(MACH_SEND_INTERRUPTED),
	WORD(MACH_SEND_MSG_TOO_SMALL), WORD(MACH_SEND_INVALID_REPLY),
	WORD(MACH_SEND_INVALID_RIGHT), WORD(MACH_SEND_INVALID_NOTIFY),
	WORD(MACH_SEND_INVALID_MEMORY), WORD(MACH_SEND_NO_BUFFER),
	WORD(MACH_SEND_NO_NOTIFY), WORD(MACH_SEND_INVALID_TYPE),
	WORD(MACH_SEND_INVALID_HEADER), WORD(MACH_RCV_INVALID_NAME),
	WORD(MACH_RCV_TIMED_OUT), WORD(MACH_RCV_TOO_LARGE),
	WORD(MACH_RCV_INTERRUPTED), WORD(MACH_RCV_PORT_CHANGED),
	WORD(MACH_RCV_INVALID_NOTIFY), WORD(MACH_RCV_INVALID_DATA),
	WORD(MACH_RCV_PORT_DIED), WORD(MACH_RCV_IN_SET),
	WORD(MACH_RCV_HEADER_ERROR), WORD(MACH_RCV_BODY_ERROR),
	WORD(MIG_TYPE_ERROR), WORD(MIG_REPLY_MISMATCH), WORD(MIG_REMOTE_ERROR),
	WORD(MIG_BAD_ID), WORD(MIG_BAD_ARGUMENTS), WORD(MIG_NO_REPLY),
	WORD(MIG_SERVER_DIED),
};

static const struct word special_bits[] = {
	WORD(MACH_MSG_IPC_SPACE), WORD(MACH_MSG_VM_SPACE),
	WORD(MACH_MSG_IPC_KERNEL), WORD(MACH_MSG_VM_KERNEL),
};

static const struct word types[] = {
	{ (int)MACH_PORT_TYPE_SEND, "send" },
	{ (int)MACH_PORT_TYPE_RECEIVE, "receive" },
	{ (int)MACH_PORT_TYPE_SEND_ONCE, "send-once" },
	{ (int)MACH_PORT_TYPE_PORT_SET, "port-set" },
	{ (int)MACH_PORT_TYPE_DEAD_NAME, "dead-name" },
	{ (int)MACH_PORT_TYPE_DNREQUEST, "DNREQUEST" },
	{ (int)MACH_PORT_TYPE_MAREQUEST, "MAREQUEST" },
};

static const struct word dispositions[] = {
	WORD(MACH_MSG_TYPE_MOVE_RECEIVE), WORD(MACH_MSG_TYPE_MOVE_SEND),
	WORD(MACH_MSG_TYPE_MOVE_SEND_ONCE), WORD(MACH_MSG_TYPE_COPY_SEND),
	WORD(MACH_MSG_TYPE_MAKE_SEND), WORD(MACH_MSG_TYPE_MAKE_SEND_ONCE),
	{ 0, "none" },
};

static const char *program_name = "all";

unsigned long walk_seed, walk_steps;

static const char *find(const struct word *words, size_t number, int value)
{
	for (size_t i = 0; i < number; i++)
		if (words[i].value == value)
			return words[i].name;
	return NULL;
}

static void add_char(struct line *line, char c)
{
	if (line->used < LINE)
		line->text[line->used++] = c;
}

static void add(struct line *line, const char *text)
{
	while (*text)
		add_char(line, *text++);
}

static void add_number(struct line *line, unsigned long value,
		       unsigned int base)
{
	char digits[24];
	int used = 0;

	do {
		digits[used++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (used)
		add_char(line, digits[--used]);
}

static void add_signed(struct line *line, int value)
{
	if (value < 0)
		add_char(line, '-');
	add_number(line, value < 0 ? -(unsigned long)value :
				     (unsigned long)value, 10);
}

/* Drops the prefix that all of them share. */
static const char *short_name(const char *name)
{
	const char *prefix = "MACH_MSG_TYPE_";

	for (const char *rest = name; *rest == *prefix; rest++, prefix++)
		if (!prefix[1])
			return rest + 1;
	return name;
}

static void add_result(struct line *line, int value)
{
	const char *name = find(results, ARRAY_SIZE(results), value);
	int plain = value & ~MACH_MSG_MASK;

	if (name) {
		add(line, name);
		return;
	}
	name = value > 0x1000 ? find(results, ARRAY_SIZE(results), plain) :
				NULL;
	if (!name) {
		add(line, "result 0x");
		add_number(line, (unsigned int)value, 16);
		return;
	}
	add(line, name);
	for (size_t i = 0; i < ARRAY_SIZE(special_bits); i++)
		if (value & special_bits[i].value) {
			add_char(line, '+');
			add(line, special_bits[i].name);
		}
}

static void add_types(struct line *line, unsigned int mask)
{
	const char *between = "";

	if (!mask)
		add(line, "none");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (mask & (unsigned int)types[i].value) {
			add(line, between);
			add(line, types[i].name);
			mask &= ~(unsigned int)types[i].value;
			between = "+";
		}
	if (mask) {
		add(line, between);
		add(line, "0x");
		add_number(line, mask, 16);
	}
}

static void add_name(struct line *line, mach_port_t name)
{
	if (name == MACH_PORT_NULL)
		add(line, "null");
	else if (name == MACH_PORT_DEAD)
		add(line, "dead");
	else if (name == mach_task_self())
		add(line, "task");
	else if (name > N(' ') && name <= N('~'))
		add_char(line, (char)(name & 0x7f));
	else
		add(line, "new");
}

static void add_disposition(struct line *line, int value)
{
	const char *name = find(dispositions, ARRAY_SIZE(dispositions), value);

	if (name)
		add(line, short_name(name));
	else
		add_signed(line, value);
}

static void add_argument(struct line *line, char kind, va_list *arguments)
{
	switch (kind) {
	case 's':
		add(line, va_arg(*arguments, const char *));
		break;
	case 'd':
		add_signed(line, va_arg(*arguments, int));
		break;
	case 'u':
		add_number(line, va_arg(*arguments, unsigned int), 10);
		break;
	case 'x':
		add_number(line, va_arg(*arguments, unsigned int), 16);
		break;
	case 'l':
		add_number(line, va_arg(*arguments, unsigned long), 10);
		break;
	case 'c':
		add_char(line, (char)va_arg(*arguments, int));
		break;
	case 'k':
		add_result(line, va_arg(*arguments, int));
		break;
	case 'n':
		add_name(line, va_arg(*arguments, mach_port_t));
		break;
	case 't':
		add_types(line, va_arg(*arguments, unsigned int));
		break;
	case 'r':
		add_disposition(line, va_arg(*arguments, int));
		break;
	default:
		add_char(line, kind);
	}
}

static void format(struct line *line, const char *text, va_list *arguments)
{
	for (; *text; text++)
		if (*text == '%')
			add_argument(line, *++text, arguments);
		else
			add_char(line, *text);
}

static void start(struct line *line, const char *mark)
{
	line->used = 0;
	add(line, "@");
	add(line, program_name);
	add(line, mark);
}

static void finish(struct line *line)
{
	line->text[line->used] = '\n';
	line->text[line->used + 1] = '\0';
	system_write(line->text);
}

void say(const char *text, ...)
{
	struct line line;
	va_list arguments;

	start(&line, "| ");
	add(&line, system_group());
	va_start(arguments, text);
	format(&line, text, &arguments);
	va_end(arguments);
	finish(&line);
	system_spare_names();
}

void group(const char *text, ...)
{
	char *to = system_group();
	struct line line = { .used = 0 };
	va_list arguments;

	va_start(arguments, text);
	format(&line, text, &arguments);
	va_end(arguments);
	if (line.used)
		add(&line, ", ");
	if (line.used >= GROUP_SIZE)
		die("a shorter group", 0);
	for (unsigned int i = 0; i < line.used; i++)
		to[i] = line.text[i];
	to[line.used] = '\0';
}

int said(const char *what, int result)
{
	say("%s: %k", what, result);
	return result;
}

/* seed=N and steps=N; 0 if the argument is something else. */
static int take_number(const char *argument, const char *name,
		       unsigned long *value)
{
	while (*name && *argument == *name) {
		argument++;
		name++;
	}
	if (*name)
		return 0;
	*value = 0;
	for (; *argument >= '0' && *argument <= '9'; argument++)
		*value = *value * 10 + (unsigned long)(*argument - '0');
	return 1;
}

int take_argument(const char *argument)
{
	return take_number(argument, "seed=", &walk_seed) ||
	       take_number(argument, "steps=", &walk_steps);
}

void say_begin(const char *program)
{
	struct line line;

	program_name = program;
	start(&line, " begins");
	finish(&line);
}

void say_end(void)
{
	struct line line;

	start(&line, " ends");
	finish(&line);
}

void die(const char *what, int result)
{
	system_group()[0] = '\0';
	say("cannot go on: %s: %k", what, result);
	system_exit();
}

void must(const char *what, int result)
{
	if (result)
		die(what, result);
	system_spare_names();
}
