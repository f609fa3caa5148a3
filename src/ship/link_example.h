/* Two network namespaces of our own with a veth between, for tests and measurements as root.
 *
 *	host  10.9.0.1, fd09::1  "toward" ======== "sensor"  10.9.0.2, fd09::2  appliance
 *
 * The process itself ends up in 'host'.  Both vanish with the process. */
#pragma once

#include <stdbool.h>

/* Makes the namespaces; 'options' is appended to "ethtool -K toward" if not empty. */
int link_example_open(unsigned int mtu, const char *options);

/* Moves this thread. */
void link_example_enter_appliance(void);
void link_example_enter_host(void);

#define LINK_HOST_IPV4      "10.9.0.1"
#define LINK_APPLIANCE_IPV4 "10.9.0.2"
#define LINK_APPLIANCE_IPV6 "fd09::2"
