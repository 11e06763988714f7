CREATE TABLE "platform"."idempotency_keys" (
	"project_id" text NOT NULL,
	"caller" text NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"digest" text NOT NULL,
	"claim_id" text NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_project_id_caller_route_key_pk" PRIMARY KEY("project_id","caller","route","key"),
	CONSTRAINT "idempotency_keys_claim_id_unique" UNIQUE("claim_id")
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_age" ON "platform"."idempotency_keys" USING btree ("created_at");