// SPDX-License-Identifier: GPL-2.0
/*
 * module/codec.c under libFuzzer, AddressSanitizer and UBSan, compared with
 * another reading of the same bytes (oracle.c).
 *
 * An input is one message: the header, then the body, whose bytes lie in an
 * allocation of just their length.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "oracle.h"

#define PAGE_SIZE	4096U

#define check(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "fuzz_codec: not: %s\n",	\
				#condition);				\
			abort();					\
		}							\
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Item by item: forwards, inside the body, and as the whole is judged. */
static void walk(const void *body, __u32 size, __u32 verdict)
{
	__u32 offset = 0, before, ret = MACH_MSG_SUCCESS;
	struct mach_item item;

	while (offset < size && ret == MACH_MSG_SUCCESS) {
		before = offset;
		ret = mach_codec_next(body, size, &offset, &item);
		if (ret != MACH_MSG_SUCCESS)
			break;
		check(offset > before && offset <= size && offset % 8 == 0);
		check(item.desc_offset == before);
		check(item.data_offset == before + 8);
		check(!item.in_line || item.data_offset + item.length <= offset);
		check(mach_type_is_port(mach_received_type(item.name)) ==
		      item.port);
	}
	check(ret == verdict);
}

static void compare(const void *body, __u32 size)
{
	struct mach_totals totals;
	struct oracle_totals wanted;
	__u32 verdict = mach_codec_scan(body, size, PAGE_SIZE, &totals);

	check(verdict == oracle_body(body, size, PAGE_SIZE, &wanted));
	walk(body, size, verdict);
	if (verdict != MACH_MSG_SUCCESS)
		return;
	check(totals.ports == wanted.ports);
	check(totals.send_once == wanted.send_once);
	check(totals.regions == wanted.regions);
	check(totals.region_bytes == wanted.region_bytes);
	check(totals.region_pages == wanted.region_pages);
	check(totals.complex == wanted.complex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mach_wire_header header;
	void *body;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	check(mach_codec_check_header(&header) == oracle_header(data));

	size -= sizeof(header);
	body = malloc(size);
	memcpy(body, data + sizeof(header), size);
	compare(body, size);
	free(body);
	return 0;
}
