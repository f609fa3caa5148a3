-- What the service itself has made interfaces for, by the numbers of statement.h; 0: nothing of its own.
ALTER TABLE interfaces ADD COLUMN type BIGINT NOT NULL DEFAULT 0;
CREATE INDEX registered_addresses_by_address ON registered_addresses (address);

-- What offers a Gateway Load Balancer to endpoints.
CREATE TABLE endpoint_services (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	balancer TEXT NOT NULL, -- An ARN.
	acceptance BIGINT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX endpoint_services_by_owner ON endpoint_services (owner, id);
CREATE INDEX endpoint_services_by_balancer ON endpoint_services (balancer);

-- Who may make endpoints to a service, besides its owner.
CREATE TABLE service_principals (
	service TEXT NOT NULL REFERENCES endpoint_services (id) ON DELETE CASCADE,
	principal TEXT NOT NULL,
	id TEXT NOT NULL,
	PRIMARY KEY (service, principal)
);
CREATE INDEX service_principals_by_principal ON service_principals (principal);

-- The service may be gone from under those that it rejected.
CREATE TABLE endpoints (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	service TEXT NOT NULL,
	interface TEXT NOT NULL REFERENCES interfaces (id),
	attachment BIGINT NOT NULL UNIQUE,
	state BIGINT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX endpoints_by_owner ON endpoints (owner, id);
CREATE INDEX endpoints_by_service ON endpoints (service, id);
