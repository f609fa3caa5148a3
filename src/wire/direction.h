/* Directions are always the source's: ingress is what the network interface receives. */
#pragma once

enum direction { DIRECTION_INGRESS, DIRECTION_EGRESS, DIRECTION_COUNT };
