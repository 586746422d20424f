/* SPDX-License-Identifier: MIT */
/* Times, as in GNU Mach. */
#ifndef _MACH_TIME_VALUE_H_
#define _MACH_TIME_VALUE_H_

#include <mach/machine/vm_types.h>

struct rpc_time_value {
	rpc_long_integer_t	seconds;
	integer_t		microseconds;
};

struct time_value {
	long_integer_t	seconds;
	integer_t	microseconds;
};

typedef struct time_value time_value_t;
typedef struct time_value rpc_time_value_t;

struct time_value64 {
	int64_t	seconds;
	int64_t	nanoseconds;
};

typedef struct time_value64 time_value64_t;

#define TIME_MICROS_MAX	(1000000)
#define TIME_NANOS_MAX	(1000000000)

/* For who includes <assert.h>. */
#define time_value_assert(val) \
	assert(0 <= (val)->microseconds && \
	       (val)->microseconds < TIME_MICROS_MAX)
#define time_value64_assert(val) \
	assert(0 <= (val)->nanoseconds && (val)->nanoseconds < TIME_NANOS_MAX)

/* The parts below a second must be in range, and the sum's will be. */
#define time_value_add_usec(val, micros) \
	do { \
		(val)->microseconds += (micros); \
		if ((val)->microseconds >= TIME_MICROS_MAX) { \
			(val)->microseconds -= TIME_MICROS_MAX; \
			(val)->seconds++; \
		} \
	} while (0)
#define time_value64_add_nanos(val, nanos) \
	do { \
		(val)->nanoseconds += (nanos); \
		if ((val)->nanoseconds >= TIME_NANOS_MAX) { \
			(val)->nanoseconds -= TIME_NANOS_MAX; \
			(val)->seconds++; \
		} \
	} while (0)
#define time_value64_sub_nanos(val, nanos) \
	do { \
		(val)->nanoseconds -= (nanos); \
		if ((val)->nanoseconds < 0) { \
			(val)->nanoseconds += TIME_NANOS_MAX; \
			(val)->seconds--; \
		} \
	} while (0)

#define time_value_add(result, addend) \
	do { \
		(result)->seconds += (addend)->seconds; \
		time_value_add_usec(result, (addend)->microseconds); \
	} while (0)
#define time_value64_add(result, addend) \
	do { \
		(result)->seconds += (addend)->seconds; \
		time_value64_add_nanos(result, (addend)->nanoseconds); \
	} while (0)
#define time_value64_sub(result, subtrahend) \
	do { \
		(result)->seconds -= (subtrahend)->seconds; \
		time_value64_sub_nanos(result, (subtrahend)->nanoseconds); \
	} while (0)
#define time_value64_init(tv) \
	do { \
		(tv)->seconds = 0; \
		(tv)->nanoseconds = 0; \
	} while (0)

#define TIME_VALUE64_TO_TIME_VALUE(tv64, tv) \
	do { \
		(tv)->seconds = (tv64)->seconds; \
		(tv)->microseconds = (integer_t)((tv64)->nanoseconds / 1000); \
	} while (0)
#define TIME_VALUE_TO_TIME_VALUE64(tv, tv64) \
	do { \
		(tv64)->seconds = (tv)->seconds; \
		(tv64)->nanoseconds = (tv)->microseconds * 1000; \
	} while (0)
#define TIME_VALUE_TO_TIMESPEC(tv, ts) \
	do { \
		(ts)->tv_sec = (tv)->seconds; \
		(ts)->tv_nsec = (tv)->microseconds * 1000; \
	} while (0)
#define TIMESPEC_TO_TIME_VALUE(tv, ts) \
	do { \
		(tv)->seconds = (ts)->tv_sec; \
		(tv)->microseconds = (integer_t)((ts)->tv_nsec / 1000); \
	} while (0)
#define TIME_VALUE64_TO_TIMESPEC(tv, ts) \
	do { \
		(ts)->tv_sec = (tv)->seconds; \
		(ts)->tv_nsec = (tv)->nanoseconds; \
	} while (0)
#define TIMESPEC_TO_TIME_VALUE64(tv, ts) \
	do { \
		(tv)->seconds = (ts)->tv_sec; \
		(tv)->nanoseconds = (ts)->tv_nsec; \
	} while (0)

/* What GNU Mach's device "time" maps; there is no such device here. */
typedef struct mapped_time_value {
	integer_t		seconds;
	integer_t		microseconds;
	integer_t		check_seconds;
	struct time_value64	time_value;
	int64_t			check_seconds64;
	struct time_value64	uptime_value;
	int64_t			check_upseconds64;
} mapped_time_value_t;

#endif /* _MACH_TIME_VALUE_H_ */
