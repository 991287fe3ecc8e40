-- What the first release left in the database `pulse`: its tables, and a tenant that was declared and not made yet.
CREATE SCHEMA odoo;
CREATE TABLE odoo.claim (
    environment_uid text NOT NULL,
    oid oid NOT NULL,
    database text NOT NULL,
    template text NOT NULL,
    hosting text NOT NULL,
    role text NOT NULL,
    shape jsonb NOT NULL,
    origin text NOT NULL,
    filestore text NOT NULL,
    admin_password text,
    role_password text,
    database_uuid text NOT NULL,
    signalling bigint NOT NULL,
    fill_ms integer NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    delivered_at timestamp with time zone
);
CREATE TABLE odoo.database_name (
    name text NOT NULL,
    signalling bigint NOT NULL
);
CREATE TABLE odoo.dropped (
    environment_uid text NOT NULL,
    dropped_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE odoo.schema_version (
    version integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE odoo.standby (
    id text NOT NULL,
    oid oid NOT NULL,
    template text NOT NULL,
    hosting text NOT NULL,
    role text NOT NULL,
    shape jsonb NOT NULL,
    origin text NOT NULL,
    filestore text NOT NULL,
    admin_password text NOT NULL,
    role_password text,
    fill_ms integer NOT NULL,
    filled_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE odoo.template (
    database text NOT NULL,
    edition text NOT NULL,
    major text NOT NULL,
    role text NOT NULL,
    details jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE odoo.tombstone (
    environment_uid text NOT NULL,
    environment text NOT NULL,
    oid oid NOT NULL,
    database text NOT NULL,
    hosting text NOT NULL,
    role text NOT NULL,
    filestore_volume text NOT NULL,
    buried_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.change (
    version bigint NOT NULL,
    written_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    api_version text NOT NULL COLLATE pg_catalog."C",
    namespace text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    object json,
    previous json
);
CREATE TABLE public.clock (
    id boolean DEFAULT true NOT NULL,
    value bigint NOT NULL,
    forgotten bigint NOT NULL,
    CONSTRAINT clock_id_check CHECK (id)
)
WITH (fillfactor='10');
CREATE TABLE public.object (
    kind text NOT NULL COLLATE pg_catalog."C",
    api_version text NOT NULL COLLATE pg_catalog."C",
    namespace text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    labels jsonb NOT NULL,
    object json NOT NULL
);
CREATE TABLE public.schema_version (
    version integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.unique_name (
    name text NOT NULL COLLATE pg_catalog."C",
    uid text NOT NULL
);
ALTER TABLE ONLY odoo.claim
    ADD CONSTRAINT claim_oid_key UNIQUE (oid);
ALTER TABLE ONLY odoo.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (environment_uid);
ALTER TABLE ONLY odoo.database_name
    ADD CONSTRAINT database_name_pkey PRIMARY KEY (name);
ALTER TABLE ONLY odoo.dropped
    ADD CONSTRAINT dropped_pkey PRIMARY KEY (environment_uid);
ALTER TABLE ONLY odoo.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY odoo.standby
    ADD CONSTRAINT standby_oid_key UNIQUE (oid);
ALTER TABLE ONLY odoo.standby
    ADD CONSTRAINT standby_pkey PRIMARY KEY (id);
ALTER TABLE ONLY odoo.template
    ADD CONSTRAINT template_edition_major_key UNIQUE (edition, major);
ALTER TABLE ONLY odoo.template
    ADD CONSTRAINT template_pkey PRIMARY KEY (database);
ALTER TABLE ONLY odoo.tombstone
    ADD CONSTRAINT tombstone_oid_key UNIQUE (oid);
ALTER TABLE ONLY odoo.tombstone
    ADD CONSTRAINT tombstone_pkey PRIMARY KEY (environment_uid);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (kind, api_version, namespace, name);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.unique_name
    ADD CONSTRAINT unique_name_pkey PRIMARY KEY (name);
CREATE INDEX claim_rate ON odoo.claim USING btree (template, hosting, claimed_at);
CREATE INDEX change_kind ON public.change USING btree (kind, version);
CREATE INDEX change_written_at ON public.change USING btree (written_at);
CREATE INDEX object_labels ON public.object USING gin (labels jsonb_path_ops);
CREATE INDEX unique_name_uid ON public.unique_name USING btree (uid);
INSERT INTO public.schema_version (version) VALUES (1);
INSERT INTO odoo.schema_version (version) VALUES (1), (2);
INSERT INTO public.clock (value, forgotten) VALUES (200, 0);
INSERT INTO public.object VALUES ('PLANAClient', 'planapulse.com/v1alpha1', '', 'demo', 146, '{}',
  '{"apiVersion":"planapulse.com/v1alpha1","kind":"PLANAClient","metadata":{"name":"demo","uid":"1ef1b30c-b807-4480-a9ca-f0206747badf","creationTimestamp":"2026-11-30T17:07:45Z","generation":1,"finalizers":["planapulse.com/teardown"],"resourceVersion":"146","managedFields":[{"manager":"pulse-create","operation":"Update","apiVersion":"planapulse.com/v1alpha1","time":"2026-11-30T17:07:45Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"planapulse.com/teardown\"":{}}},"f:spec":{"f:aliases":{},"f:deletionPolicy":{"f:retainDays":{}},"f:hosting":{},"f:modules":{},"f:odooVersion":{},"f:ownerEmail":{},"f:ownerName":{},"f:projectId":{},"f:resources":{},"f:settings":{"f:currency":{},"f:language":{},"f:timezone":{}},"f:sleep":{"f:enabled":{},"f:idleTimeout":{},"f:wakeTimeout":{}},"f:status":{},"f:subdomain":{},"f:tier":{}}}}]},"spec":{"subdomain":"demo","projectId":0,"tier":"starter","odooVersion":"18","ownerEmail":"owner@demo.example","ownerName":"Demo Company","sleep":{"enabled":true,"idleTimeout":"15m","wakeTimeout":"5m"},"aliases":[],"modules":[],"settings":{"language":"en_US","timezone":"Europe/Sofia","currency":"EUR"},"status":"active","deletionPolicy":{"retainDays":7},"hosting":"pool","resources":"free"}}');
INSERT INTO public.object VALUES ('TenantEnvironment', 'planapulse.com/v1alpha1', '', 'demo-prod', 144, '{"platxa.io/status": "active", "planapulse.com/client": "demo", "app.kubernetes.io/name": "pulse", "crossplane.io/composite": "demo", "app.kubernetes.io/part-of": "pulse", "planapulse.com/environment": "demo-prod", "app.kubernetes.io/component": "environment", "planapulse.com/odoo-version": "18", "app.kubernetes.io/managed-by": "pulse"}',
  '{"apiVersion":"planapulse.com/v1alpha1","kind":"TenantEnvironment","metadata":{"name":"demo-prod","labels":{"planapulse.com/client":"demo","app.kubernetes.io/name":"pulse","app.kubernetes.io/component":"environment","app.kubernetes.io/part-of":"pulse","app.kubernetes.io/managed-by":"pulse","planapulse.com/environment":"demo-prod","planapulse.com/odoo-version":"18","platxa.io/status":"active","crossplane.io/composite":"demo"},"annotations":{"planapulse.com/retain-days":"7","crossplane.io/composition-resource-name":"prod"},"ownerReferences":[{"apiVersion":"planapulse.com/v1alpha1","kind":"PLANAClient","name":"demo","uid":"1ef1b30c-b807-4480-a9ca-f0206747badf","controller":true,"blockOwnerDeletion":true}],"uid":"844affd7-d5ae-48cf-8866-1ff656e0c13a","creationTimestamp":"2026-11-30T17:07:45Z","generation":1,"finalizers":["planapulse.com/teardown"],"resourceVersion":"144","managedFields":[{"manager":"pulse","operation":"Apply","apiVersion":"planapulse.com/v1alpha1","time":"2026-11-30T17:07:45Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{"f:crossplane.io/composition-resource-name":{},"f:planapulse.com/retain-days":{}},"f:labels":{"f:app.kubernetes.io/component":{},"f:app.kubernetes.io/managed-by":{},"f:app.kubernetes.io/name":{},"f:app.kubernetes.io/part-of":{},"f:crossplane.io/composite":{},"f:planapulse.com/client":{},"f:planapulse.com/environment":{},"f:planapulse.com/odoo-version":{},"f:platxa.io/status":{}},"f:ownerReferences":{"k:{\"uid\":\"1ef1b30c-b807-4480-a9ca-f0206747badf\"}":{".":{},"f:apiVersion":{},"f:blockOwnerDeletion":{},"f:controller":{},"f:kind":{},"f:name":{},"f:uid":{}}}},"f:spec":{"f:client":{},"f:hosting":{},"f:name":{},"f:neutralise":{},"f:odooVersion":{},"f:resources":{},"f:source":{"f:template":{"f:edition":{}}}}}}]},"spec":{"client":"demo","name":"prod","odooVersion":"18","hosting":"pool","resources":"free","source":{"template":{"edition":"basic"}},"neutralise":false}}');
INSERT INTO public.unique_name VALUES ('hostname/demo.localhost', '%s');
INSERT INTO odoo.database_name VALUES ('demo.localhost', 7);
INSERT INTO odoo.tombstone VALUES ('0c1f7c1e-0000-4000-8000-000000000001', 'gone-prod', 4000000001, '~0c1f7c1e-0000-4000-8000-000000000001', 'pool', 'plana_odoo_18', 'gone', '2026-11-21T00:00:00Z', '2099-01-01T00:00:00Z');
INSERT INTO odoo.dropped VALUES ('0c1f7c1e-0000-4000-8000-000000000001', '2026-11-21T00:00:00Z');
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pulse_calendar') THEN
    CREATE ROLE pulse_calendar LOGIN PASSWORD 'of the first release';
  END IF;
END $$;
