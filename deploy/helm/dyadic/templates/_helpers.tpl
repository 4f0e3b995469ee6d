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
{{- end }}

{{- define "dyadic.image" -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
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
{{- end }}
{{- end }}
{{- end }}

{{- define "dyadic.env" -}}
- {name: DYADIC_OPS, value: "0.0.0.0:{{ .Values.ops.port }}"}
- {name: DYADIC_OPS_REMOTE, value: "true"}
- {name: DYADIC_LOG_FORMAT, value: {{ .Values.logFormat }}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
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
