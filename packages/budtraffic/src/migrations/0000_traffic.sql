CREATE SCHEMA "budtraffic";
--> statement-breakpoint
CREATE TABLE "budtraffic"."gateways" (
	"id" text PRIMARY KEY NOT NULL,
	"applied_version" bigint NOT NULL,
	"in_flight" jsonb NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budtraffic"."inference_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"sha256" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "inference_keys_sha256_unique" UNIQUE("sha256")
);
--> statement-breakpoint
CREATE TABLE "budtraffic"."route_backends" (
	"route_id" text NOT NULL,
	"endpoint_id" text NOT NULL,
	"project_id" text NOT NULL,
	"weight" double precision NOT NULL,
	"upstreams" jsonb NOT NULL,
	CONSTRAINT "route_backends_route_id_endpoint_id_pk" PRIMARY KEY("route_id","endpoint_id")
);
--> statement-breakpoint
CREATE TABLE "budtraffic"."routes" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "routes_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "budtraffic"."snapshot_version" (
	"id" integer PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budtraffic"."usage" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"project_id" text NOT NULL,
	"key_id" text NOT NULL,
	"route_id" text NOT NULL,
	"endpoint_id" text NOT NULL,
	"upstream_id" text NOT NULL,
	"status" integer NOT NULL,
	"streamed" boolean NOT NULL,
	"prompt_tokens" bigint,
	"completion_tokens" bigint,
	"ttft_ms" double precision,
	"duration_ms" double precision NOT NULL
);
--> statement-breakpoint
ALTER TABLE "budtraffic"."route_backends" ADD CONSTRAINT "route_backends_route_id_routes_id_fk" FOREIGN KEY ("route_id") REFERENCES "budtraffic"."routes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inference_keys_project" ON "budtraffic"."inference_keys" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "route_backends_endpoint" ON "budtraffic"."route_backends" USING btree ("project_id","endpoint_id");--> statement-breakpoint
CREATE INDEX "usage_endpoint_at" ON "budtraffic"."usage" USING btree ("endpoint_id","at");--> statement-breakpoint
INSERT INTO "budtraffic"."snapshot_version" ("id", "version", "changed_at") VALUES (1, extract(epoch from now())::bigint, now());
