// SPDX-License-Identifier: MIT
// Copyright (c) The mach authors
/* libbootstrap: results in words; the calls themselves are mig's stubs. */
#include <mach/mach_error.h>
#include <servers/bootstrap.h>

const char *bootstrap_strerror(kern_return_t result)
{
	switch (result) {
	case BOOTSTRAP_NOT_PRIVILEGED:
		return "(bootstrap) not privileged";
	case BOOTSTRAP_NAME_IN_USE:
		return "(bootstrap) name is declared already";
	case BOOTSTRAP_UNKNOWN_SERVICE:
		return "(bootstrap) unknown service";
	case BOOTSTRAP_SERVICE_ACTIVE:
		return "(bootstrap) service is active";
	case BOOTSTRAP_BAD_COUNT:
		return "(bootstrap) bad count";
	case BOOTSTRAP_NO_MEMORY:
		return "(bootstrap) no memory, or a limit is reached";
	case BOOTSTRAP_NO_CHILDREN:
		return "(bootstrap) no children";
	default:
		return mach_error_string(result);
	}
}
