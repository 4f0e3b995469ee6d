{{- define "dyadic.name" -}}
{{- if contains "dyadic" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-dyadic" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "dyadic.selector" -}}
app.kubernetes.io/name: dyadic
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "dyadic.labels" -}}
{{ include "dyadic.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels and annotations of an object; with .annotations, its own ones too. */}}
{{- define "dyadic.meta" -}}
labels: {{- include "dyadic.labels" . | nindent 2 }}
{{- with merge (deepCopy (.annotations | default dict)) .root.Values.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Of a pod. What a program reads once, at its start, rolls its pods when it changes; arguments do so by themselves.
     Certificates and callers are read anew by the programs. */}}
{{- define "dyadic.podMeta" -}}
labels:
  {{- include "dyadic.labels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $read := dict }}
{{- with ternary .root.Values.kafka.configSecret "" (ne .component "trainer") }}
{{- $_ := set $read "checksum/kafka-config" (lookup "v1" "Secret" $.root.Release.Namespace . | dig "data" dict | toJson | sha256sum) }}
{{- end }}
{{- if and .root.Values.auth.jwt.caSecret (has .component (list "ingest" "sampler")) }}
{{- $_ := set $read "checksum/jwks-ca" (lookup "v1" "Secret" .root.Release.Namespace .root.Values.auth.jwt.caSecret | dig "data" dict | toJson | sha256sum) }}
{{- end }}
{{- with merge $read .values.podAnnotations .root.Values.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "dyadic.image" -}}
{{- if .image.digest }}{{ .image.repository }}@{{ .image.digest }}{{ else }}{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "dyadic.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "dyadic.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "dyadic.kafka" -}}
{{- if .Values.kafka.trial.enabled }}{{ include "dyadic.name" . }}-kafka:9092{{ else }}{{ required "kafka.bootstrap must name your Kafka as host:port; or set kafka.trial.enabled=true for a single-node one" .Values.kafka.bootstrap }}{{ end }}
{{- end }}

{{/* Restricted pod security. */}}
{{- define "dyadic.podSecurity" -}}
serviceAccountName: {{ include "dyadic.serviceAccount" . }}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "dyadic.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "dyadic.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* Pods of a service are spread over nodes. */}}
{{- define "dyadic.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "dyadic.selector" . | nindent 8 }}
{{- end }}

{{/* Two where none are asked for, so that one may go; a trial has one, and more decomposers than partitions would be idle. */}}
{{- define "dyadic.replicas" -}}
{{- if kindIs "invalid" .values.replicas }}{{ ternary 1 (min 2 (.most | default 2)) .root.Values.kafka.trial.enabled }}{{ else }}{{ int .values.replicas }}{{ end }}
{{- end }}

{{/* Of an autoscaler: two where nothing is asked for, or one where there may be no more. */}}
{{- define "dyadic.leastReplicas" -}}
{{- $scaling := .Values.decomposer.autoscaling }}
{{- if kindIs "invalid" $scaling.minReplicas }}{{ min 2 (int $scaling.maxReplicas | default (int .Values.corpus.partitions)) }}{{ else }}{{ int $scaling.minReplicas }}{{ end }}
{{- end }}

{{/* Whether callers have to show who they are. */}}
{{- define "dyadic.hasCallers" -}}
{{- if or .Values.auth.callersSecret .Values.auth.jwt.jwks }}true{{ end }}
{{- end }}

{{/* Bytes of a quantity such as 50Gi. */}}
{{- define "dyadic.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "P" 1000000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 }}
{{- mulf (regexFind "^[0-9.]+" . | float64) (get $units (regexFind "[A-Za-z]*$" .) | float64) | int64 }}
{{- end }}

{{/* Requests that go to pods that are about to end find others first. */}}
{{- define "dyadic.lifecycle" -}}
lifecycle:
  preStop:
    sleep: {seconds: 5}
{{- end }}

{{/* What no values file should ask for, by name. */}}
{{- define "dyadic.check" -}}
{{- if gt (int .Values.corpus.minLength) (int .Values.corpus.maxLength) }}
{{- fail (printf "corpus.minLength must be at most corpus.maxLength, %d, but was %d" (int .Values.corpus.maxLength) (int .Values.corpus.minLength)) }}
{{- end }}
{{- range $component := list "ingest" "sampler" }}
{{- if eq (int (index $.Values $component).port) (int $.Values.ops.port) }}
{{- fail (printf "%s.port and ops.port must differ, but both were %d" $component (int $.Values.ops.port)) }}
{{- end }}
{{- end }}
{{- if gt (int64 .Values.sampler.maxDiskBytes) (include "dyadic.bytes" .Values.sampler.storage | int64) }}
{{- fail (printf "sampler.maxDiskBytes must be at most sampler.storage, %s, but was %d" .Values.sampler.storage (int64 .Values.sampler.maxDiskBytes)) }}
{{- end }}
{{- if and .Values.tls.mutual (not .Values.tls.secret) }}
{{- fail "tls.mutual asks clients for certificates, which needs TLS: tls.secret must name a Secret with a certificate" }}
{{- end }}
{{- $partitions := int .Values.corpus.partitions }}
{{- $scaling := .Values.decomposer.autoscaling }}
{{- $replicas := include "dyadic.replicas" (dict "root" . "values" .Values.decomposer "most" $partitions) | int }}
{{- if and (gt $replicas $partitions) (not $scaling.enabled) }}
{{- fail (printf "decomposer.replicas must be at most corpus.partitions, %d, since more are idle, but was %d" $partitions $replicas) }}
{{- end }}
{{- if gt (int $scaling.maxReplicas) $partitions }}
{{- fail (printf "decomposer.autoscaling.maxReplicas must be at most corpus.partitions, %d, since more are idle, but was %d" $partitions (int $scaling.maxReplicas)) }}
{{- end }}
{{- $most := int $scaling.maxReplicas | default $partitions }}
{{- if gt (include "dyadic.leastReplicas" . | int) $most }}
{{- fail (printf "decomposer.autoscaling.minReplicas must be at most maxReplicas, %d, but was %d" $most (int $scaling.minReplicas)) }}
{{- end }}
{{- if and .Values.trainer.enabled .Values.tls.mutual (not .Values.trainer.clientTlsSecret) }}
{{- fail "trainer.clientTlsSecret must name a Secret with the trainer's own certificate, since tls.mutual asks for one" }}
{{- end }}
{{- if and .Values.trainer.enabled .Values.trainer.tokenSecret (not .Values.tls.secret) (not .Values.tls.allowPlaintextTokens) }}
{{- fail "trainer.tokenSecret would be sent in plain text: tls.secret must name a Secret with a certificate; or set tls.allowPlaintextTokens=true, and whoever is on the way can take the token" }}
{{- end }}
{{- if and (or .Values.sampler.ingress.enabled .Values.sampler.route.enabled) (not .Values.sampler.external.enabled) }}
{{- fail "sampler.ingress and sampler.route need the Service of sampler.external: set sampler.external.enabled=true" }}
{{- end }}
{{- end }}

{{/* Which Kafka and which corpus: arguments of every command that needs them. */}}
{{- define "dyadic.clusterArgs" -}}
- --kafka={{ include "dyadic.kafka" . }}
- --prefix={{ .Values.kafka.prefix }}
- --corpus={{ .Values.corpus.name }}
{{- if .Values.kafka.configSecret }}
- --kafka-config=/etc/dyadic/kafka/client.properties
{{- end }}
{{- end }}

{{/* How a service listens, and whom it answers. */}}
{{- define "dyadic.listenArgs" -}}
{{- if .Values.tls.secret }}
- --tls-cert=/etc/dyadic/tls/tls.crt
- --tls-key=/etc/dyadic/tls/tls.key
{{- if .Values.tls.mutual }}
- --tls-client-ca=/etc/dyadic/tls/ca.crt
{{- end }}
{{- else if .Values.tls.allowPlaintext }}
- --allow-plaintext
{{- if include "dyadic.hasCallers" . }}
{{- if not .Values.tls.allowPlaintextTokens }}
{{- fail "callers would send their tokens in plain text: tls.secret must name a Secret with a certificate; or set tls.allowPlaintextTokens=true, and whoever is on the way can take them" }}
{{- end }}
- --allow-plaintext-tokens
{{- end }}
{{- else }}
{{- fail "tls.secret must name a Secret with a certificate; or set tls.allowPlaintext=true, and whoever is on the way can read and change what is sent" }}
{{- end }}
{{- if .Values.auth.callersSecret }}
- --auth-file=/etc/dyadic/auth/callers
{{- end }}
{{- with .Values.auth.jwt }}
{{- if .jwks }}
- --auth-jwks={{ .jwks }}
- --auth-issuer={{ required "auth.jwt.issuer is needed with auth.jwt.jwks" .issuer }}
- --auth-audience={{ required "auth.jwt.audience is needed with auth.jwt.jwks" .audience }}
- --auth-roles-claim={{ .rolesClaim }}
{{- if .caSecret }}
- --auth-jwks-ca=/etc/dyadic/jwks-ca/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "dyadic.env" -}}
- {name: DYADIC_OPS, value: "0.0.0.0:{{ .Values.ops.port }}"}
- {name: DYADIC_OPS_REMOTE, value: "true"}
- {name: DYADIC_LOG_FORMAT, value: {{ .Values.logFormat }}}
{{- $names := list }}
{{- range $service := list "sampler" "ops" }}
{{- $name := printf "%s-%s" (include "dyadic.name" $) $service }}
{{- $names = concat $names (list $name (printf "%s.%s" $name $.Release.Namespace) (printf "%s.%s.svc" $name $.Release.Namespace) (printf "%s.%s.svc.cluster.local" $name $.Release.Namespace)) }}
{{- end }}
- {name: DYADIC_OPS_NAMES, value: {{ concat $names .Values.ops.names | join "," | quote }}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- end }}

{{/* Environment of a component: ours, and what its values add. */}}
{{- define "dyadic.environment" -}}
env:
  {{- include "dyadic.env" .root | nindent 2 }}
  {{- with .values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with concat .root.Values.kafka.envFrom (.values.envFrom | default list) }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "dyadic.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .Values.kafka.configSecret }}
- {name: kafka-config, mountPath: /etc/dyadic/kafka, readOnly: true}
{{- end }}
{{- end }}

{{- define "dyadic.listenMounts" -}}
{{- if .Values.tls.secret }}
- {name: tls, mountPath: /etc/dyadic/tls, readOnly: true}
{{- end }}
{{- if .Values.auth.callersSecret }}
- {name: callers, mountPath: /etc/dyadic/auth, readOnly: true}
{{- end }}
{{- if .Values.auth.jwt.caSecret }}
- {name: jwks-ca, mountPath: /etc/dyadic/jwks-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "dyadic.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 512Mi}
{{- if .Values.kafka.configSecret }}
- name: kafka-config
  secret: {secretName: {{ .Values.kafka.configSecret }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "dyadic.listenVolumes" -}}
{{- if .Values.tls.secret }}
- name: tls
  secret: {secretName: {{ .Values.tls.secret }}, defaultMode: 0440}
{{- end }}
{{- if .Values.auth.callersSecret }}
- name: callers
  secret: {secretName: {{ .Values.auth.callersSecret }}, defaultMode: 0440}
{{- end }}
{{- with .Values.auth.jwt.caSecret }}
- name: jwks-ca
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}], defaultMode: 0440}
{{- end }}
{{- end }}

{{/* Ready: it should be asked. Live: only where it moves on; a service that waits for Kafka is not killed for it. */}}
{{- define "dyadic.probes" -}}
startupProbe:
  httpGet: {path: /health/live, port: ops}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /health/ready, port: ops}
  periodSeconds: 5
  timeoutSeconds: 12
livenessProbe:
  httpGet: {path: /health/live, port: ops}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
{{- end }}
