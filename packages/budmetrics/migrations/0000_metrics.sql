CREATE SCHEMA "budmetrics";
--> statement-breakpoint
CREATE TABLE "budmetrics"."alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"endpoint_id" text NOT NULL,
	"endpoint_name" text NOT NULL,
	"metric" text NOT NULL,
	"state" text NOT NULL,
	"rule" jsonb NOT NULL,
	"value" double precision NOT NULL,
	"message" text NOT NULL,
	"pending_at" timestamp with time zone NOT NULL,
	"firing_at" timestamp with time zone,
	"resolved_at" timestamp with time zone,
	"clear_since" timestamp with time zone,
	"unknown_since" timestamp with time zone,
	"evaluated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budmetrics"."minutes" (
	"endpoint_id" text NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"project_id" text NOT NULL,
	"engine" text NOT NULL,
	"covered_s" double precision NOT NULL,
	"prompt_tokens" double precision NOT NULL,
	"generation_tokens" double precision NOT NULL,
	"ttft" jsonb NOT NULL,
	"tpot" jsonb NOT NULL,
	"itl" jsonb NOT NULL,
	"e2e" jsonb NOT NULL,
	"running_max" double precision,
	"waiting_max" double precision,
	"kv_usage_max" double precision,
	"gpu_percent_sum" double precision NOT NULL,
	"gpu_samples" integer NOT NULL,
	CONSTRAINT "minutes_endpoint_id_minute_pk" PRIMARY KEY("endpoint_id","minute")
);
--> statement-breakpoint
CREATE TABLE "budmetrics"."rule_settings" (
	"endpoint_id" text NOT NULL,
	"metric" text NOT NULL,
	"project_id" text NOT NULL,
	"target" double precision,
	"threshold" double precision,
	"for_s" integer,
	"min_samples" integer,
	"edited_by" text,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "rule_settings_endpoint_id_metric_pk" PRIMARY KEY("endpoint_id","metric")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_open" ON "budmetrics"."alerts" USING btree ("endpoint_id","metric") WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_by_project" ON "budmetrics"."alerts" USING btree ("project_id","pending_at");--> statement-breakpoint
CREATE INDEX "minutes_by_age" ON "budmetrics"."minutes" USING btree ("minute");