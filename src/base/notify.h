/* Telling the service manager how we are: sd_notify(3)'s protocol, one datagram to $NOTIFY_SOCKET. */
#pragma once

/* 'state' is as in sd_notify(3), such as "READY=1".  Does nothing when no manager listens. */
void notify_manager(const char *state);
