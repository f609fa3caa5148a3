/* What the modes of the load generator share.  A measuring tool: what fails ends it with one line. */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* Stands at the start of every datagram, so that the sensor knows a copy and how old it is. */
struct stamp {
	uint64_t magic; /* STAMP_MAGIC, in the sender's byte order. */
	uint64_t time;  /* CLOCK_MONOTONIC when it was sent, in nanoseconds. */
};

#define STAMP_MAGIC 0x6d6f7272696d7274ULL

/* Each runs one mode with the words that follow its name, and prints one JSON object at its end. */
void udp_send(char **arguments);
void udp_sink(char **arguments);
void stream_send(char **arguments);
void stream_sink(char **arguments);
void request_send(char **arguments);
void connect_send(char **arguments);
void answer_serve(char **arguments);
void burn(char **arguments);
void check_send(char **arguments);
void check_receive(char **arguments);
void check_stream_send(char **arguments);
void check_stream_receive(char **arguments);

_Noreturn void die(const char *what);

/* A word of the command line as a number; ends the program if it is none. */
double number(const char *word);

/* On the CPU that this process used so far, in nanoseconds, whatever it did there in softirq included. */
uint64_t cpu_time(void);

/* Monotonic time at which 'seconds' from now are over. */
uint64_t deadline_after(double seconds);

struct sockaddr_in endpoint(const char *address, unsigned int port);

/* Waits until 'now' reaches 'time'; returns at once if it has. */
void sleep_until(uint64_t time);

int listen_on(unsigned int port);
int connect_to(const struct sockaddr_in *address);

/* Raises a flag at SIGTERM and SIGINT without restarting what waits. */
void stop_on_signals(void);
extern volatile int stopped;
